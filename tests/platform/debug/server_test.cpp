// The server on a socket: clients are processes of their own, since it works in the thread of who asks it.
#include "flow/base/error.h"
#include "platform/debug/gdb_server.h"
#include "tests/platform/debug/fake_target.h"

#include <arpa/inet.h>
#include <catch2/catch.hpp>
#include <cerrno>
#include <functional>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace flexcim::debug {
namespace {

using namespace test;

constexpr timeval kPatience{5, 0};

/// The client's end. What does not go as expected ends its process with 1.
class Connection {
 public:
  explicit Connection(std::uint16_t port) : file_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    setsockopt(file_, SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
    require(connect(file_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  }
  ~Connection() { close(file_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void send(const std::string& bytes) const {
    require(::send(file_, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size()));
  }
  void expect(const std::string& bytes) const {
    std::string got(bytes.size(), '\0');
    require(recv(file_, got.data(), got.size(), MSG_WAITALL) == static_cast<ssize_t>(got.size()) && got == bytes);
  }
  void expect_end() const {
    char byte = 0;
    const ssize_t count = recv(file_, &byte, 1, 0);
    require(count == 0 || (count < 0 && errno == ECONNRESET));
  }
  void ask(const std::string& payload, const std::string& answer) const {
    send(packet(payload));
    expect("+" + packet(answer));
  }
  static void require(bool fine) {
    if (!fine) _exit(1);
  }

 private:
  int file_;
};

/// A process with clients.
class Clients {
 public:
  explicit Clients(const std::function<void()>& work) : child_(fork()) {
    alarm(20);  // where one gives up the server waits for the next
    if (child_ != 0) return;
    work();
    _exit(0);
  }
  /// Whether they have come to their end ...
  bool gone() { return waitpid(child_, &status_, WNOHANG) == child_; }
  /// ... as they should.
  bool content() {
    if (status_ < 0) waitpid(child_, &status_, 0);
    return status_ == 0;
  }

 private:
  pid_t child_;
  int status_ = -1;
};

/// The target runs until the server wants a stop.
bool runs_until_wanted(GdbServer& server) {
  for (int i = 0; i < 5000; ++i) {
    if (server.wants_stop()) return true;
    usleep(1000);
  }
  return false;
}

TEST_CASE("GDB server: a port that is free, and one that is not") {
  const GdbServer server(0);
  CHECK(server.port() != 0);
  CHECK_THROWS_MATCHES(GdbServer(server.port()), InputError,
                       Catch::Matchers::Message("gdb cannot be awaited at port " + std::to_string(server.port()) +
                                                ": Address already in use"));
}

TEST_CASE("GDB server: attach, run, interrupt, detach, attach again, go away, kill") {
  GdbServer server(0);
  FakeTarget target;
  Clients clients([port = server.port()] {
    {
      const Connection first(port);
      first.ask("?", "T05thread:1;");
      first.ask("Z0,80000000,4", "OK");
      first.send(packet("c"));
      first.expect("+");
      first.send("\x03");
      first.expect(packet("T02thread:1;"));
      first.ask("D", "OK");
      first.expect_end();
    }
    {
      const Connection second(port);
      second.ask("?", "T02thread:1;");
      second.ask("Z2,80000000,4", "OK");
    }
    const Connection third(port);
    third.ask("Z2,80000010,4", "OK");
    third.ask("vKill;1", "OK");
    third.expect_end();
  });
  CHECK(server.stopped(target, {Signal::trap}) == Resume::run);
  CHECK(target.points.size() == 1);
  CHECK(runs_until_wanted(server));
  CHECK(server.stopped(target, {Signal::interrupted}) == Resume::run);
  CHECK(target.points.empty());
  CHECK(runs_until_wanted(server));
  // The second one goes without a word, which changes nothing; what it has set is gone.
  CHECK(server.stopped(target, {Signal::interrupted}) == Resume::kill);
  CHECK(target.points.empty());
  CHECK(clients.content());
}

TEST_CASE("GDB server: who is no debugger does not hold up a program that runs") {
  GdbServer server(0);
  FakeTarget target;
  Clients clients([port = server.port()] {
    {
      const Connection debugger(port);
      debugger.ask("D", "OK");
      debugger.expect_end();
    }
    { const Connection passing(port); }
    {
      const Connection browser(port);
      browser.send("GET / HTTP/1.1\r\n$" + std::string(20'000, 'x'));
      browser.expect_end();
    }
    const Connection impatient(port);
    impatient.ask("?", "T02thread:1;");
    impatient.send(packet("c"));
    impatient.expect("+");
    impatient.send(packet("g"));
    impatient.expect_end();
  });
  CHECK(server.stopped(target, {Signal::trap}) == Resume::run);
  for (int passing = 0; passing < 2; ++passing) {
    CHECK(runs_until_wanted(server));
    CHECK(server.stopped(target, {Signal::interrupted}) == Resume::run);
  }
  CHECK(runs_until_wanted(server));
  CHECK(server.stopped(target, {Signal::interrupted}) == Resume::run);
  while (!clients.gone()) CHECK_FALSE(server.wants_stop());
  // Nobody is there to look at a program that cannot go on.
  CHECK(server.stopped(target, {Signal::abort, {}, 0, true}) == Resume::give_up);
  CHECK(clients.content());
}

TEST_CASE("GDB server: the client hears the exit code") {
  GdbServer server(0);
  FakeTarget target;
  Clients clients([port = server.port()] {
    const Connection client(port);
    client.send(packet("c"));
    client.expect("+" + packet("W07"));
    client.expect_end();
  });
  CHECK(server.stopped(target, {Signal::trap}) == Resume::run);
  server.exited(7);
  CHECK(clients.content());
}

}  // namespace
}  // namespace flexcim::debug

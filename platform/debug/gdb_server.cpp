#include "platform/debug/gdb_server.h"

#include "flow/base/error.h"

#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace flexcim::debug {
namespace {

constexpr int kForever = -1;
constexpr std::chrono::milliseconds kBetweenLooks{5};
constexpr timeval kMostSendTime{5, 0};  // a client that does not read is given up

bool readable(int file, int milliseconds) {
  pollfd waited{file, POLLIN, 0};
  int ready = 0;
  do {
    ready = poll(&waited, 1, milliseconds);
  } while (ready < 0 && errno == EINTR);
  return ready > 0;
}

}  // namespace

GdbServer::GdbServer(std::uint16_t port, std::vector<RegisterMap> devices) : devices_(std::move(devices)) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const int yes = 1;
  setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  socklen_t size = sizeof address;
  auto* const general = reinterpret_cast<sockaddr*>(&address);
  if (listener_ < 0 || bind(listener_, general, size) != 0 || listen(listener_, 1) != 0 ||
      getsockname(listener_, general, &size) != 0) {
    const int error = errno;
    if (listener_ >= 0) close(listener_);
    throw InputError(fmt::format("gdb cannot be awaited at port {}: {}", port, std::strerror(error)));
  }
  port_ = ntohs(address.sin_port);
}

GdbServer::~GdbServer() {
  close_client();
  close(listener_);
}

Resume GdbServer::stopped(DebugTarget& target, const StopReason& reason) {
  if (!session_ && reason.fatal) return Resume::give_up;             // nobody is there to look at it
  bool came_by = !session_ && reason.signal == Signal::interrupted;  // and has not said anything yet
  if (session_) {
    send(session_->stopped(reason));
  } else {
    accept(target, reason);
  }
  for (;;) {
    switch (session_->state()) {
      case GdbSession::State::running:
        return session_->resume();
      case GdbSession::State::detached:
        hang_up();
        return Resume::run;
      case GdbSession::State::killed:
        hang_up();
        return Resume::kill;
      default:
        break;
    }
    if (receive()) continue;
    came_by = came_by && !session_->spoken();
    hang_up();
    if (came_by) return Resume::run;
    accept(target, reason);
  }
}

bool GdbServer::wants_stop() {
  if (Clock::now() < next_look_) return false;
  next_look_ = Clock::now() + kBetweenLooks;
  if (!session_) return readable(listener_, 0);
  if (readable(client_, 0) && !receive()) hang_up();
  return session_ && session_->interrupted();
}

void GdbServer::exited(int code) {
  if (session_) send(GdbSession::exited(code));
  close_client();
}

/// Waits for a client.
void GdbServer::accept(DebugTarget& target, const StopReason& reason) {
  while (client_ < 0) {
    if (readable(listener_, kForever)) client_ = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
  }
  const int yes = 1;
  setsockopt(client_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  setsockopt(client_, SOL_SOCKET, SO_SNDTIMEO, &kMostSendTime, sizeof kMostSendTime);
  session_.emplace(target, devices_, reason);
}

/// Waits for something from the client and answers it. False if nothing more is to come.
bool GdbServer::receive() {
  char bytes[4096];
  ssize_t count = 0;
  do {
    count = recv(client_, bytes, sizeof bytes, 0);
  } while (count < 0 && errno == EINTR);
  if (count <= 0) return false;
  send(session_->receive({bytes, static_cast<std::size_t>(count)}));
  return session_->state() != GdbSession::State::broken;
}

/// What cannot be sent is lost: the client has gone, which the next receive() says.
void GdbServer::send(const std::string& bytes) {
  for (std::size_t sent = 0; sent < bytes.size();) {
    const ssize_t count = ::send(client_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) {
      shutdown(client_, SHUT_RDWR);
      return;
    }
    sent += static_cast<std::size_t>(count);
  }
}

/// The target, which is there still, forgets what the client has set.
void GdbServer::hang_up() {
  if (session_) session_->leave();
  close_client();
}

void GdbServer::close_client() {
  session_.reset();
  if (client_ >= 0) close(client_);
  client_ = -1;
}

}  // namespace flexcim::debug

// What SystemC 2.3.4 tells the sanitizers of its coroutines' stacks too little of (sysc/kernel/sc_cor_qt.cpp): these
// functions are found before its own ones, or before the sanitizers'. Without them an exception leaves the redzones of
// the functions that it has ended, since the address sanitizer has the wrong bounds of the stack, and the next function
// that lies there is reported.
#include <systemc>

#include <cstddef>
#include <dlfcn.h>
#include <pthread.h>
#include <sanitizer/lsan_interface.h>
#include <sysc/kernel/sc_cor.h>

namespace {

struct Stack {
  void* bottom = nullptr;
  std::size_t bytes = 0;
};

Stack stack_of_this_thread() {
  Stack stack;
  pthread_attr_t attributes;
  if (pthread_getattr_np(pthread_self(), &attributes) == 0) {
    pthread_attr_getstack(&attributes, &stack.bottom, &stack.bytes);
    pthread_attr_destroy(&attributes);
  }
  return stack;
}

static_assert(SC_VERSION_MAJOR == 2 && SC_VERSION_MINOR == 3 && SC_VERSION_PATCH == 4, "read sc_cor_qt.cpp again");

/// sc_core::sc_cor_qt, whose header is not installed.
struct Coroutine {
  void* table;
  std::size_t stack_bytes;
  void* stack;
};

}  // namespace

// The kernel's own coroutine, that of the thread which simulates, has no stack that it has made: it says 0 and 0.
extern "C" void __sanitizer_start_switch_fiber(void** fake_stack, const void* bottom, std::size_t bytes) {
  static const auto start =
      reinterpret_cast<void (*)(void**, const void*, std::size_t)>(dlsym(RTLD_NEXT, "__sanitizer_start_switch_fiber"));
  static const Stack thread = stack_of_this_thread();
  if (bottom) {
    start(fake_stack, bottom, bytes);
  } else {
    start(fake_stack, thread.bottom, thread.bytes);
  }
}

// sc_cor_pkg_qt::abort(): the end of a coroutine is a switch, too, of which it says nothing. yield() does, and nobody
// comes back.
extern "C" void flexcim_abort_coroutine(sc_core::sc_cor_pkg* package,
                                        sc_core::sc_cor* next) __asm__("_ZN7sc_core13sc_cor_pkg_qt5abortEPNS_6sc_corE");
void flexcim_abort_coroutine(sc_core::sc_cor_pkg* package, sc_core::sc_cor* next) { package->yield(next); }

// sc_cor_pkg_qt::create(): a thread that has not ended when the program does leaves on its stack what it had there.
// What lies on the heap for its sake is not lost by a mistake.
extern "C" Coroutine* flexcim_create_coroutine(sc_core::sc_cor_pkg* package, std::size_t bytes, sc_core::sc_cor_fn* run,
                                               void* of) __asm__("_ZN7sc_core13sc_cor_pkg_qt6createEmPFvPvES1_");
Coroutine* flexcim_create_coroutine(sc_core::sc_cor_pkg* package, std::size_t bytes, sc_core::sc_cor_fn* run,
                                    void* of) {
  static const auto create = reinterpret_cast<decltype(&flexcim_create_coroutine)>(
      dlsym(RTLD_NEXT, "_ZN7sc_core13sc_cor_pkg_qt6createEmPFvPvES1_"));
  Coroutine* const coroutine = create(package, bytes, run, of);
  __lsan_register_root_region(coroutine->stack, coroutine->stack_bytes);
  return coroutine;
}

// with_isa LEVEL PROGRAM ARGS…: runs the program, found through PATH, under QRT_ISA=LEVEL; exits with
// 77, which ctest takes for "skipped", where this CPU does not have the level.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "base/isa.h"

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: with_isa LEVEL PROGRAM ARGS...\n");
    return 2;
  }
  const auto level = qrt::chooseIsa(argv[1], qrt::readCpu());
  if (!level.ok()) {
    std::printf("skipped: %s\n", level.status().message().c_str());
    return level.status().code() == qrt::StatusCode::unsupported ? 77 : 2;
  }
  setenv("QRT_ISA", argv[1], 1);
  execvp(argv[2], argv + 2);
  std::perror(argv[2]);
  return 2;
}

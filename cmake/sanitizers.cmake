# QRT_SANITIZE=address,undefined | thread | fuzzer…: the sanitizers of every target.
set(QRT_SANITIZE "" CACHE STRING "Sanitizers for all targets, as -fsanitize= takes them")
if(QRT_SANITIZE)
  add_compile_options(-fsanitize=${QRT_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${QRT_SANITIZE})
endif()

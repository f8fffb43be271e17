# kv_stage(): everything that building one stage takes.
#
# A stage's CMakeLists.txt calls kv_stage(stageNN) and nothing else. The engine
# is every .cc file in the engine's folders, the applications are app/*.cc, each
# with the sources in the folder of its name (app/kv_shell.cc with
# app/kv_shell/*.cc), the tests are tests/{database,unit,own}/*.cc, and
# tests/process/*.cc are a program of their own, since they kill processes.
#
# Overlay: these variables let a build take parts from elsewhere, so that the
# same tests run a starter, a learner's solution, a mutant or a submission:
#   KV_ENGINE_DIR       the engine's and the applications' folder
#   KV_TESTS_DIR        the acceptance tests' folder
#   KV_EXTRA_TESTS_DIR  further tests, which take the place of tests/own
#   KV_COMMON_DIR       the folder common/

include_guard(GLOBAL)

# Here and not in a function, whose scope it would not outlive.
enable_testing()

option(KV_BUILD_TESTS "Build the acceptance tests" ON)
option(KV_BUILD_BENCH "Build the benchmarks" ON)
option(KV_BUILD_TOOL "Build the program behind common/wb" ON)
option(KV_BUILD_APPS "Build kv_shell and the other applications" ON)
option(KV_BUILD_INHERITED "Build the tests that earlier stages brought" ON)
set(KV_SANITIZE "" CACHE STRING "Sanitizers, as given to -fsanitize=")

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
endif()
set(CMAKE_CXX_FLAGS_RELEASE "-O2")

# Warnings are errors with the compilers that are tried.
set(werror_default OFF)
if((CMAKE_CXX_COMPILER_ID STREQUAL "GNU"
      AND CMAKE_CXX_COMPILER_VERSION VERSION_GREATER_EQUAL 12
      AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    OR (CMAKE_CXX_COMPILER_ID STREQUAL "Clang"
      AND CMAKE_CXX_COMPILER_VERSION VERSION_GREATER_EQUAL 14
      AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 15))
  set(werror_default ON)
endif()
option(KV_WERROR "Treat warnings as errors" ${werror_default})

if((CMAKE_CXX_COMPILER_ID STREQUAL "GNU"
      AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 11)
    OR (CMAKE_CXX_COMPILER_ID STREQUAL "Clang"
      AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 14))
  message(FATAL_ERROR
    "${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION} "
    "(${CMAKE_CXX_COMPILER}) is too old for C++20 as it is used here.\n"
    "Install g++ 12 or clang 14 or newer, and configure with "
    "CXX=g++-12 or -DCMAKE_CXX_COMPILER=g++-12.")
endif()

# kv_find(PACKAGE DEBIAN_NAME): find_package that names what to install.
macro(kv_find package debian_name)
  find_package(${package} QUIET)
  if(NOT ${package}_FOUND)
    message(FATAL_ERROR
      "${package} was not found. Install it with "
      "'apt-get install ${debian_name}' (Debian, Ubuntu), or run "
      "'common/wb doctor' to see what is missing and how to get it.")
  endif()
endmacro()

# Flags, shared by all targets.
function(kv_options_target)
  if(TARGET kv_options)
    return()
  endif()
  find_package(Threads REQUIRED)
  add_library(kv_options INTERFACE)
  target_compile_options(kv_options INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion
    $<$<BOOL:${KV_WERROR}>:-Werror>)
  # g++ 12 sees errors in inlined std::string code that are none.
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(kv_options INTERFACE
      -Wno-array-bounds -Wno-restrict -Wno-stringop-overflow
      -Wno-stringop-overread)
  endif()
  if(KV_SANITIZE)
    target_compile_options(kv_options INTERFACE
      -fsanitize=${KV_SANITIZE} -fno-sanitize-recover=all
      -fno-omit-frame-pointer)
    target_link_options(kv_options INTERFACE -fsanitize=${KV_SANITIZE})
  endif()
  target_link_libraries(kv_options INTERFACE Threads::Threads)
endfunction()

# kv_compiler_launcher(TARGET DIR): ccache, run so that equal files in two
# stages are compiled once.
function(kv_compiler_launcher target directory)
  find_program(KV_CCACHE ccache)
  if(KV_CCACHE)
    set_target_properties(${target} PROPERTIES CXX_COMPILER_LAUNCHER
      "${KV_COMMON_DIR}/cmake/compile_in;${directory}")
  endif()
endfunction()

# kv_common(DIR): the libraries of common/, once for a build.
function(kv_common directory)
  if(TARGET kv_base)
    return()
  endif()
  set(KV_COMMON_DIR ${directory} CACHE PATH "The folder common/" FORCE)
  kv_options_target()
  add_subdirectory(${directory} ${CMAKE_BINARY_DIR}/common)
endfunction()

# kv_own_tests(OUT JSON_FILE SOURCES...): of the test files, those with a test
# suite that an exercise or a group of JSON_FILE names.
function(kv_own_tests out json_file)
  file(READ ${json_file} json)
  string(REGEX MATCHALL "\"[^\"]+\"" words "${json}")
  set(suites "")
  foreach(word IN LISTS words)
    if(word MATCHES "^\"([A-Za-z0-9_]+/)?([A-Za-z0-9_]+)\\.")
      list(APPEND suites ${CMAKE_MATCH_2})
    endif()
  endforeach()
  list(REMOVE_DUPLICATES suites)
  list(JOIN suites "|" suites)
  set(own "")
  foreach(source IN LISTS ARGN)
    file(STRINGS ${source} found LIMIT_COUNT 1
      REGEX "^(TYPED_)?TEST(_[FP])?\\((${suites}),")
    if(found)
      list(APPEND own ${source})
    endif()
  endforeach()
  set(${out} ${own} PARENT_SCOPE)
endfunction()

# Adds ctest entries: one for each exercise, labelled with stage and exercise.
function(kv_exercise_tests name json_file)
  file(READ ${json_file} json)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${json_file})
  set(covered "")
  foreach(section exercises groups)
    string(JSON count ERROR_VARIABLE missing LENGTH "${json}" ${section})
    if(missing OR count EQUAL 0)
      continue()
    endif()
    math(EXPR last "${count} - 1")
    foreach(index RANGE ${last})
      string(JSON id GET "${json}" ${section} ${index} id)
      string(JSON tests GET "${json}" ${section} ${index} tests)
      string(JSON test_count LENGTH "${tests}")
      if(test_count EQUAL 0)
        continue()
      endif()
      set(filter "")
      math(EXPR last_test "${test_count} - 1")
      foreach(test_index RANGE ${last_test})
        string(JSON test GET "${tests}" ${test_index})
        string(APPEND filter ":${test}")
      endforeach()
      string(APPEND covered "${filter}")
      string(SUBSTRING "${filter}" 1 -1 filter)
      add_test(NAME ${name}.${id}
        COMMAND ${name}_tests --gtest_filter=${filter})
      set_tests_properties(${name}.${id} PROPERTIES
        LABELS "${name};${id}" TIMEOUT 300)
    endforeach()
  endforeach()
  # What the stages before brought.
  if(NOT KV_BUILD_INHERITED)
    return()
  endif()
  string(REGEX REPLACE "^:" "-" inherited "${covered}")
  add_test(NAME ${name}.inherited
    COMMAND ${name}_tests --gtest_filter=*${inherited})
  set_tests_properties(${name}.inherited PROPERTIES
    LABELS "${name};inherited" TIMEOUT 300
    ENVIRONMENT "KV_ALLOW_NO_TESTS=1")
endfunction()

function(kv_stage name)
  set(stage_dir ${CMAKE_CURRENT_SOURCE_DIR})
  if(NOT KV_COMMON_DIR)
    set(KV_COMMON_DIR ${stage_dir}/../common)
  endif()
  get_filename_component(KV_COMMON_DIR ${KV_COMMON_DIR} ABSOLUTE)
  kv_common(${KV_COMMON_DIR})
  if(NOT KV_ENGINE_DIR)
    set(KV_ENGINE_DIR ${stage_dir})
  endif()
  if(NOT KV_TESTS_DIR)
    set(KV_TESTS_DIR ${stage_dir}/tests)
  endif()

  # Engine.
  set(folders kv index log memtable table cache version compaction db txn
    query raft shard cluster net client)
  set(globs ${folders})
  list(TRANSFORM globs PREPEND ${KV_ENGINE_DIR}/)
  list(TRANSFORM globs APPEND /*.cc)
  file(GLOB engine_sources CONFIGURE_DEPENDS ${globs})
  add_library(${name}_engine STATIC ${engine_sources})
  target_include_directories(${name}_engine PUBLIC ${KV_ENGINE_DIR})
  target_link_libraries(${name}_engine PUBLIC kv_base)
  kv_compiler_launcher(${name}_engine ${KV_ENGINE_DIR})

  # Applications.
  if(KV_BUILD_APPS)
    file(GLOB apps CONFIGURE_DEPENDS ${KV_ENGINE_DIR}/app/*.cc)
    foreach(app IN LISTS apps)
      get_filename_component(app_name ${app} NAME_WE)
      file(GLOB app_sources CONFIGURE_DEPENDS
        ${KV_ENGINE_DIR}/app/${app_name}/*.cc)
      add_executable(${name}_${app_name} ${app} ${app_sources})
      target_link_libraries(${name}_${app_name} PRIVATE
        ${name}_engine kv_shell_support)
      list(APPEND app_targets ${name}_${app_name})
      kv_compiler_launcher(${name}_${app_name} ${KV_ENGINE_DIR})
    endforeach()
  endif()

  # Tests.
  if(KV_BUILD_TESTS)
    file(GLOB support CONFIGURE_DEPENDS ${KV_TESTS_DIR}/support/*.cc)
    file(GLOB tests CONFIGURE_DEPENDS
      ${KV_TESTS_DIR}/database/*.cc ${KV_TESTS_DIR}/unit/*.cc)
    if(NOT KV_BUILD_INHERITED)
      kv_own_tests(tests ${stage_dir}/exercises.json ${tests})
    endif()
    if(KV_EXTRA_TESTS_DIR)
      file(GLOB own CONFIGURE_DEPENDS ${KV_EXTRA_TESTS_DIR}/*.cc)
    else()
      file(GLOB own CONFIGURE_DEPENDS ${KV_TESTS_DIR}/own/*.cc)
    endif()
    file(GLOB process_tests CONFIGURE_DEPENDS ${KV_TESTS_DIR}/process/*.cc)
    add_library(${name}_support STATIC ${support})
    target_include_directories(${name}_support PUBLIC ${KV_TESTS_DIR})
    target_link_libraries(${name}_support PUBLIC ${name}_engine kv_testing)
    kv_compiler_launcher(${name}_support ${KV_TESTS_DIR})
    kv_test_program(${name}_tests ${KV_TESTS_DIR} ${tests} ${own})
    target_link_libraries(${name}_tests PRIVATE ${name}_support)
    if(process_tests)
      kv_test_program(${name}_process_tests ${KV_TESTS_DIR} ${process_tests})
      target_link_libraries(${name}_process_tests PRIVATE ${name}_support)
      add_dependencies(${name}_process_tests ${app_targets})
      target_compile_definitions(${name}_process_tests PRIVATE
        KV_SHELL_PATH="$<TARGET_FILE:${name}_kv_shell>"
        KV_TESTS_PATH="${KV_TESTS_DIR}")
      add_test(NAME ${name}.process COMMAND ${name}_process_tests)
      set_tests_properties(${name}.process PROPERTIES
        LABELS "${name}" TIMEOUT 300)
    endif()
    kv_exercise_tests(${name} ${stage_dir}/exercises.json)
  endif()

  # Benchmarks.
  if(KV_BUILD_BENCH)
    file(GLOB benches CONFIGURE_DEPENDS ${stage_dir}/bench/*.cc)
    foreach(bench IN LISTS benches)
      get_filename_component(bench_name ${bench} NAME_WE)
      add_executable(${name}_${bench_name} ${bench})
      target_link_libraries(${name}_${bench_name} PRIVATE
        ${name}_engine kv_bench)
      target_compile_definitions(${name}_${bench_name} PRIVATE
        KV_STAGE="${name}")
      kv_compiler_launcher(${name}_${bench_name} ${stage_dir})
    endforeach()
  endif()
endfunction()

# kv_test_program(TARGET DIR SOURCES...): a GoogleTest program with our main.
function(kv_test_program target directory)
  add_executable(${target} ${ARGN})
  target_link_libraries(${target} PRIVATE kv_testing kv_test_main)
  target_precompile_headers(${target} REUSE_FROM kv_test_main)
  kv_compiler_launcher(${target} ${directory})
endfunction()

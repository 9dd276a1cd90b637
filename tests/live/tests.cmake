# Live tests: every script of tests/live is run against the programs of this
# build, found by name. A script's first argument is the folder of programs,
# the second that of the sources; exit 77 skips, with a reason on standard
# output. They take ports that the kernel chooses and may run in parallel.
if(NOT BJ_SANDBOX)
    return()
endif()
file(GLOB live_helpers CONFIGURE_DEPENDS live/*.c)
foreach(source IN LISTS live_helpers)
    cmake_path(GET source STEM name)
    add_executable(live_${name} ${source})
endforeach()

# The same questions to glibc and to belljar, and many of them.
if(TARGET bj_sandbox_resolve)
    add_executable(live_ask_belljar live/ask.c)
    target_compile_definitions(live_ask_belljar PRIVATE BJ_ASK_BELLJAR)
    target_link_libraries(live_ask_belljar PRIVATE bj_sandbox_resolve)
    target_link_libraries(live_crowd PRIVATE bj_sandbox_resolve)
endif()

# A library that is preloaded under a program (LD_PRELOAD), so without
# sanitizers, which must come first.
file(GLOB live_preloads CONFIGURE_DEPENDS live/preload/*.c)
foreach(source IN LISTS live_preloads)
    cmake_path(GET source STEM name)
    add_library(live_${name} SHARED ${source})
    target_compile_options(live_${name} PRIVATE -fno-sanitize=all)
    target_link_options(live_${name} PRIVATE -fno-sanitize=all)
endforeach()

# What takes minutes and asks little of the build is run in one of them.
if(CMAKE_C_COMPILER_ID MATCHES Clang AND BJ_SANITIZE MATCHES address)
    set(live_slow ON)
endif()

find_package(Python3 COMPONENTS Interpreter)
file(GLOB live_scripts CONFIGURE_DEPENDS live/test_*.py)
foreach(script IN LISTS live_scripts)
    cmake_path(GET script STEM name)
    string(REGEX REPLACE "^test_" "" name ${name})
    if(NOT Python3_FOUND)
        break()
    endif()
    if(name STREQUAL campaign AND NOT live_slow)
        continue()
    endif()
    add_test(NAME live.${name}
             COMMAND ${Python3_EXECUTABLE} -B ${script}
                     ${CMAKE_RUNTIME_OUTPUT_DIRECTORY} ${PROJECT_SOURCE_DIR})
    set_tests_properties(live.${name} PROPERTIES LABELS live TIMEOUT 240
                         SKIP_RETURN_CODE 77)
endforeach()
# Campaigns take their time, several seconds each.
if(TEST live.campaign)
    set_tests_properties(live.campaign PROPERTIES TIMEOUT 600)
endif()

if(Python3_FOUND AND live_slow)
    add_test(NAME live.oss_fuzz
             COMMAND ${Python3_EXECUTABLE} -B
                     ${CMAKE_CURRENT_SOURCE_DIR}/live/oss_fuzz.py
                     ${PROJECT_SOURCE_DIR})
    set_tests_properties(live.oss_fuzz PROPERTIES LABELS live TIMEOUT 900
                         SKIP_RETURN_CODE 77)
endif()

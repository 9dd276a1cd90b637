# musl-gcc sees musl's headers only: those of the kernel and of the two
# libraries are linked into a folder of the build's own.
set(headers ${CMAKE_BINARY_DIR}/headers)
file(MAKE_DIRECTORY ${headers})
foreach(name linux asm asm-generic seccomp.h seccomp-syscalls.h jansson.h
             jansson_config.h)
    find_path(BJ_HEADER_${name} ${name} NO_CACHE NO_DEFAULT_PATH
              PATHS /usr/include/${CMAKE_HOST_SYSTEM_PROCESSOR}-linux-gnu
                    /usr/include)
    if(NOT BJ_HEADER_${name})
        message(FATAL_ERROR "no ${name} in /usr/include: install "
                            "linux-libc-dev, libseccomp-dev, libjansson-dev")
    endif()
    file(CREATE_LINK ${BJ_HEADER_${name}}/${name} ${headers}/${name} SYMBOLIC)
endforeach()
include_directories(SYSTEM ${headers})
# From CMake 3.31 on pkg-config names this folder, which has glibc's.
list(APPEND CMAKE_C_IMPLICIT_INCLUDE_DIRECTORIES /usr/include)
add_compile_options(-include ${CMAKE_CURRENT_LIST_DIR}/missing.h)
# Where musl's types are others (ioctl's request is an int), the conversions
# that glibc's builds watch are no mistakes.
add_compile_options(-Wno-conversion -Wno-sign-conversion)

# A toolchain: Debian's cross compiler for another processor, whose programs run
# under qemu. -DBJ_CROSS=s390x (octets in the other order, char unsigned) or
# aarch64. For core and the replay of the harnesses: qemu has no seccomp.
set(BJ_CROSS s390x CACHE STRING "The processor, as gcc and qemu call it")
set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES BJ_CROSS)
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR ${BJ_CROSS})
set(CMAKE_C_COMPILER ${BJ_CROSS}-linux-gnu-gcc)
# Statically: qemu needs no loader and no library of that processor then.
set(CMAKE_EXE_LINKER_FLAGS_INIT -static)
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-${BJ_CROSS})
# No library of this machine's processor.
set(CMAKE_FIND_ROOT_PATH /usr/${BJ_CROSS}-linux-gnu)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(ENV{PKG_CONFIG_LIBDIR} /usr/${BJ_CROSS}-linux-gnu/lib/pkgconfig)

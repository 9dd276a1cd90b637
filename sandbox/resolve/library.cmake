# The resolver in a program's own process: libbelljar, and the same for the
# programs of this project (bj_sandbox_resolve, made in CMakeLists.txt as the
# other folders are).

# What runs from the build tree finds the worker of the build tree; what is
# installed, and the library, the one that is installed.
set_source_files_properties(resolve/worker_path.c PROPERTIES
    COMPILE_DEFINITIONS
    BJ_WORKER_PATH="${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/belljar-worker")

# The spawner runs in a copy of a process of many threads: no run-time library
# of a sanitizer may have a say in it.
file(GLOB spawner_sources CONFIGURE_DEPENDS resolve/spawner*.c)
set_source_files_properties(${spawner_sources} PROPERTIES
    COMPILE_OPTIONS -fno-sanitize=all)

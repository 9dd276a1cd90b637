from load_test import bear
from support import main


def thread_bears_the_load():
    bear("thread")


main(thread_bears_the_load)

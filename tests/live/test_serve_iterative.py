from load_test import bear
from support import main


def iterative_bears_the_load():
    bear("iterative")


main(iterative_bears_the_load)

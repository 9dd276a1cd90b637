from load_test import bear
from support import main


def process_bears_the_load():
    bear("process")


main(process_bears_the_load)

"""Counts the cases of a test run: `count-tests.py FOLDER`, the folder of the JUnit files that scripts/test gathers.

A test program that left a file of its own counts with its cases, any other by CTest's verdict. A program that failed
without a failed case in its file (it crashed, or ran out of time) counts as one failure more.
"""
import pathlib
import sys
import xml.etree.ElementTree


def cases(path):
    """(passed, failed, skipped) of the cases in one JUnit file."""
    passed = failed = skipped = 0
    for case in xml.etree.ElementTree.parse(path).iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None:
            failed += 1
        elif case.find("skipped") is not None or case.get("result") == "skipped" or case.get("status") == "notrun":
            skipped += 1
        else:
            passed += 1
    return passed, failed, skipped


def main(folder):
    passed = failed = skipped = 0
    for report in sorted(folder.glob("ctest-*.xml")):
        for program in xml.etree.ElementTree.parse(report).iter("testcase"):
            name, verdict = program.get("name"), program.get("status")
            detail = folder / f"{name}.xml"
            try:
                one = cases(detail) if detail.exists() else (0, 0, 0)
            except xml.etree.ElementTree.ParseError:  # cut short by a crash
                one = (0, 0, 0)
            if one == (0, 0, 0):
                one = (1, 0, 0) if verdict == "run" else (0, 0, 1) if verdict == "notrun" else (0, 1, 0)
            elif verdict == "fail" and one[1] == 0:
                one = (one[0], 1, one[2])
            passed, failed, skipped = passed + one[0], failed + one[1], skipped + one[2]
            if one[1]:
                print(f"failed: {name} ({one[1]})")
    if skipped:
        print(f"{skipped} skipped")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


sys.exit(main(pathlib.Path(sys.argv[1])))

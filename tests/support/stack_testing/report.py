"""Results of a Python test as a JUnit file, where $GTEST_OUTPUT says (as the GoogleTest programs do)."""
import os
import pathlib
import time
import unittest
import xml.etree.ElementTree as xml


class Report:
    """Collects cases; write() leaves the file, if one was asked for."""

    def __init__(self, suite):
        self._suite = xml.Element("testsuite", name=suite)
        self.passed = self.failed = 0

    def add(self, name, seconds, failure=None):
        """One case; `failure` is its message."""
        case = xml.SubElement(self._suite, "testcase", name=name, time=f"{seconds:.3f}")
        if failure is None:
            self.passed += 1
        else:
            self.failed += 1
            xml.SubElement(case, "failure", message=failure.splitlines()[0] if failure else "").text = failure

    def skip(self, name):
        """One case that could not run here."""
        xml.SubElement(xml.SubElement(self._suite, "testcase", name=name), "skipped")

    def write(self):
        """Writes the file; the exit code of the whole test."""
        target = os.environ.get("GTEST_OUTPUT", "")
        if target.startswith("xml:"):
            path = pathlib.Path(target.removeprefix("xml:"))
            path.parent.mkdir(parents=True, exist_ok=True)
            root = xml.Element("testsuites")
            root.append(self._suite)
            xml.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)
        return 1 if self.failed or not self.passed else 0


def run_cases(*cases):
    """Runs unittest cases, prints them as they go and leaves the JUnit file; the exit code."""
    report = Report(cases[0].__module__)

    class Result(unittest.TextTestResult):
        """Passes each outcome on to the report."""

        began = time.monotonic()  # of a class that cannot be set up no test begins

        def startTest(self, test):
            super().startTest(test)
            self.began = time.monotonic()

        def _add(self, test, failure=None):
            report.add(test.id().removeprefix("__main__."), time.monotonic() - self.began, failure)

        def addSuccess(self, test):
            super().addSuccess(test)
            self._add(test)

        def addFailure(self, test, err):
            super().addFailure(test, err)
            self._add(test, self.failures[-1][1])

        def addError(self, test, err):
            super().addError(test, err)
            self._add(test, self.errors[-1][1])

        def addSkip(self, test, reason):
            super().addSkip(test, reason)
            report.skip(test.id().removeprefix("__main__."))

    suite = unittest.TestSuite(unittest.defaultTestLoader.loadTestsFromTestCase(case) for case in cases)
    unittest.TextTestRunner(verbosity=2, resultclass=Result).run(suite)
    return report.write()

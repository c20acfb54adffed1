"""The packages that the project needs, as its metadata tell: versions, and how to install them."""

import platform
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, metadata, requires, version

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from talos_magic.doctor.finding import Finding, State

PROJECT = "talos_magic"
# Extras for work on the project itself, and one that is made of others.
LEFT_OUT = {"bench", "check", "demo", "docs", "test", "trackers"}
# Each has a line; the others share one unless something is wrong with them.
SHOWN = ("ipython", "ipywidgets", "anywidget", "keras", "tensorflow", "talos", "optuna")
MISSING = "missing"  # in the place of a version
MODULES = {"ipython": "IPython", "scikit-learn": "sklearn"}


def python_and_project() -> Iterator[Finding]:
    """Yield the versions of the project and of Python."""
    known = metadata(PROJECT)
    yield Finding(PROJECT, known["Version"])
    wanted, own = known["Requires-Python"], platform.python_version()
    is_ok = SpecifierSet(wanted).contains(own, prereleases=True)
    advice = "" if is_ok else f"use a Python {wanted}"
    yield Finding("Python", own, State.OK if is_ok else State.PROBLEM, advice)


def needed_packages(errors: dict[str, str], *, without: set[str]) -> Iterator[Finding]:
    """Yield the packages that are needed, with the errors of their imports.

    `without` are those that this environment may lack.
    """
    others = []
    for requirement in _requirements():
        finding = _finding(requirement)
        error = errors.get(module_of(requirement.name))
        if error:
            advice = f'pip install --force-reinstall "{_plain(requirement)}"'
            finding = Finding(requirement.name, f"{finding.found}: {error}", State.PROBLEM, advice)
        elif finding.found == MISSING and requirement.name in without:
            continue
        if requirement.name in SHOWN or finding.state != State.OK:
            yield finding
        else:
            others.append(f"{finding.name} {finding.found}")
    if others:
        yield Finding("other packages", ", ".join(others))


def extras() -> Iterator[Finding]:
    """Yield what is optional: the packages of each extra, and the command that brings them."""
    for extra in metadata(PROJECT).get_all("Provides-Extra") or []:
        findings = [_finding(requirement) for requirement in _requirements(extra)]
        if extra in LEFT_OUT or not findings:
            continue
        found = ", ".join(f"{each.name} {each.found}" for each in findings)
        if all(each.state == State.OK for each in findings):
            yield Finding(extra, found)
        else:
            yield Finding(extra, found, State.NOTE, f'pip install "{PROJECT}[{extra}]"')


def installed_modules() -> list[str]:
    """Return the modules of the needed packages that are installed."""
    names = [requirement.name for requirement in _requirements()]
    return [module_of(name) for name in names if _version(name) != MISSING]


def module_of(package: str) -> str:
    """Return the name by which a package is imported."""
    return MODULES.get(package, package.replace("-", "_"))


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return MISSING


def _requirements(extra: str = "") -> list[Requirement]:
    """Return what is needed always, or for an extra only."""
    every = [Requirement(text) for text in requires(PROJECT) or []]
    always = [each for each in every if _applies(each, "")]
    return [e for e in every if e not in always and _applies(e, extra)] if extra else always


def _applies(requirement: Requirement, extra: str) -> bool:
    return requirement.marker is None or requirement.marker.evaluate({"extra": extra})


def _finding(requirement: Requirement) -> Finding:
    found = _version(requirement.name)
    if found != MISSING and requirement.specifier.contains(found, prereleases=True):
        return Finding(requirement.name, found)
    advice = f'pip install "{_plain(requirement)}"'
    return Finding(requirement.name, found, State.PROBLEM, advice)


def _plain(requirement: Requirement) -> str:
    """Return a requirement as pip takes it, without its marker."""
    return f"{requirement.name}{requirement.specifier}"

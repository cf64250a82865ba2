"""Cohorts small enough to count on fingers."""

from __future__ import annotations

import copy

import numpy as np
import pytest
from scipy import stats
from score_builders import STUDY, catheter, finding, pump, report_of, straight, truth_of

from catheterview.errors import InputError
from catheterview.score import compare, predictive_values, score_case, summarise
from catheterview.score.detection import verdicts


def uid(n: int) -> str:
    return f"{STUDY}.{n}"


def cohort(reports_of, count=10):
    """Half with a gap, half healthy; `reports_of(n, truth)` answers each."""
    gap = finding("discontinuity", straight()[50], measures={"gap_mm": 8.0, "arc_mm": 50.0})
    truths = [truth_of(uid=uid(n), findings=[gap] if n % 2 else []) for n in range(count)]
    return [score_case(reports_of(n, truth), truth) for n, truth in enumerate(truths)]


def perfect(n, truth):
    return report_of(truth)


ONES = [
    ("centreline", "catheters traced"),
    ("centreline", "overlap OV"),
    ("centreline", "overlap until first error OF"),
    ("centreline", "overlap of the intrathecal part OT"),
    ("centreline", "clDice"),
    ("centreline", "points within 0.8 mm"),
    ("centreline", "tips within 1 mm"),
    ("centreline", "right number of pieces"),
    ("pump", "pumps found"),
    ("pump", "centres within 2 mm"),
    ("answers", "studies answered"),
    *[
        (kind, name)
        for kind in ("any fault", "discontinuity")
        for name in (
            "sensitivity by finding",
            "sensitivity by study",
            "specificity by study",
            "AUC by study",
            "CPM",
            "right segment, of those found",
            "within 10 mm, in studies flagged for it",
            "positive predictive value here",
        )
    ],
]
ZEROS_OF_EMPTY = [
    ("centreline", "catheters traced"),
    ("centreline", "overlap OV"),
    ("centreline", "overlap until first error OF"),
    ("centreline", "overlap of the intrathecal part OT"),
    ("centreline", "tips within 1 mm"),
    ("pump", "pumps found"),
    ("answers", "studies answered"),
    ("discontinuity", "sensitivity by finding"),
    ("discontinuity", "sensitivity by study"),
    ("discontinuity", "specificity by study"),
    ("discontinuity", "CPM"),
]


@pytest.mark.parametrize(("about", "name"), ONES)
def test_perfect_reports_score_one(about, name):
    """Reports that say what truth says get 1 in every share."""
    assert summarise(cohort(perfect)).measure(about, name).value == 1.0


@pytest.mark.parametrize("given", [None, {"schema": "catheterview/report/1"}])
@pytest.mark.parametrize(("about", "name"), ZEROS_OF_EMPTY)
def test_empty_reports_score_zero(about, name, given):
    """A missing report and an empty one get 0: silence is not absence, not even in a healthy study."""
    assert summarise(cohort(lambda n, truth: given)).measure(about, name).value == 0.0


def test_empty_reports_have_no_error_and_say_why():
    """Nothing traced: the mean error is undefined with its reason, not 0."""
    summary = summarise(cohort(lambda n, truth: {}))
    for about, name in (
        ("centreline", "mean error"),
        ("pump", "centre error"),
        ("discontinuity", "localisation error"),
    ):
        one = summary.measure(about, name)
        assert one.value is None
        assert one.why


def test_without_faults_there_is_no_sensitivity():
    """Healthy cases only: sensitivity and AUC are undefined and say so; specificity is not."""
    healthy = [score_case(report_of(truth), truth) for truth in (truth_of(uid=uid(n)) for n in range(4))]
    summary = summarise(healthy)
    for name in ("sensitivity by finding", "sensitivity by study", "AUC by study", "CPM"):
        assert summary.measure("any fault", name).value is None
        assert summary.measure("any fault", name).why
    assert summary.measure("any fault", "specificity by study").value == 1.0


def test_a_cohort_counted_on_fingers():
    """Five gaps: three found, one missed, one answered 30 mm off; five healthy: one false alarm."""

    def answers(n, truth):
        report = report_of(truth)
        if n == 1:
            return {**report, "findings": []}
        if n == 3:
            return {**report, "findings": [finding("discontinuity", straight()[80], score=0.4)]}
        if n == 4:
            return {**report, "findings": [finding("discontinuity", straight()[10], score=0.3)]}
        return report

    summary = summarise(cohort(answers))
    value = {
        name: summary.measure("discontinuity", name)
        for name in (
            "sensitivity by finding",
            "false alarms",
            "sensitivity by study",
            "specificity by study",
            "AUC by study",
            "CPM",
            "positive predictive value here",
            "within 10 mm, in studies flagged for it",
            "Brier score of findings",
        )
    }
    assert value["sensitivity by finding"].value == pytest.approx(3 / 5)
    assert value["false alarms"].value == pytest.approx(2 / 10)
    assert value["sensitivity by study"].value == pytest.approx(4 / 5)
    assert value["specificity by study"].value == pytest.approx(4 / 5)
    # Scores of the sick 1, 1, 1, 0.4, 0 against 0.3, 0, 0, 0, 0: 3 x 5 + 5 + (0.5 x 4) of 25 pairs.
    assert value["AUC by study"].value == pytest.approx((15 + 5 + 2) / 25)
    assert value["CPM"].value == pytest.approx(3 / 5)
    assert value["positive predictive value here"].value == pytest.approx(4 / 5)
    assert value["within 10 mm, in studies flagged for it"].value == pytest.approx(3 / 4)
    assert value["Brier score of findings"].value == pytest.approx((0.16 + 0.09) / 5)
    assert summary.curves["discontinuity"] == ((0.0, 0.0), (0.0, 0.6), (0.1, 0.6), (0.2, 0.6))
    assert summary.kinds == (
        ("discontinuity", "discontinuity", 3),
        ("discontinuity", "nothing", 2),
        ("nothing", "discontinuity", 2),
    )


def test_auc_is_the_rank_test_of_the_library():
    """The same scores through scipy's Mann-Whitney U, ties and all, give the same AUC."""
    rng = np.random.default_rng(8)
    cases, sick, well = [], [], []
    for n in range(40):
        has, score = bool(n % 2), float(np.round(rng.uniform(0.0, 1.0) + 0.2 * (n % 2), 1).clip(0.1, 1.0))
        truth = truth_of(uid=uid(n), findings=[finding("kink", (0.0, 0.0, 0.0))] if has else [])
        report = report_of(truth, findings=[finding("kink", (0.0, 0.0, 0.0), score=score)])
        cases.append(score_case(report, truth))
        (sick if has else well).append(score)
    expected = stats.mannwhitneyu(sick, well).statistic / (len(sick) * len(well))
    assert summarise(cases).measure("kink", "AUC by study").value == pytest.approx(expected)


def test_the_froc_is_read_at_its_seven_rates():
    """One hit at 0.9, one alarm at 0.8, one hit at 0.7 in two studies: 1/2 up to 1/4 alarms a study, 1 from 1/2 on."""
    kink = finding("kink", (0.0, 0.0, 0.0))
    pair = [truth_of(uid=uid(n), findings=[kink]) for n in range(2)]
    first = score_case(
        report_of(pair[0], findings=[{**kink, "score": 0.9}, finding("kink", (50.0, 0, 0), score=0.8)]), pair[0]
    )
    second = score_case(report_of(pair[1], findings=[{**kink, "score": 0.7}]), pair[1])
    summary = summarise([first, second])
    assert summary.curves["kink"] == ((0.0, 0.0), (0.0, 0.5), (0.5, 0.5), (0.5, 1.0))
    assert summary.measure("kink", "CPM").value == pytest.approx((2 * 0.5 + 5 * 1.0) / 7)


def test_a_fault_too_small_to_ask_for_makes_no_study_positive_or_negative():
    """A gap of 2 mm, found or not, leaves sensitivity and specificity alone."""
    small = finding("discontinuity", straight()[50], measures={"gap_mm": 2.0})
    truth = truth_of(uid=uid(99), findings=[small])
    before = summarise(cohort(perfect))
    for report in (report_of(truth), report_of(truth, findings=[])):
        after = summarise([*cohort(perfect), score_case(report, truth)])
        for name in ("sensitivity by finding", "sensitivity by study", "specificity by study", "false alarms"):
            now, then = after.measure("discontinuity", name), before.measure("discontinuity", name)
            assert now.value == then.value


def test_a_patient_without_a_device_must_be_left_alone():
    """Silence there is right; anything traced or found is counted."""
    bare = truth_of(uid=uid(1), catheters=[], pumps=[])
    quiet = score_case(report_of(bare, priority="cannot_tell"), bare)
    loud = score_case(
        report_of(bare, pumps=[pump()], catheters=[catheter(straight())]), {**bare, "study_instance_uid": uid(2)}
    )
    summary = summarise([quiet, loud])
    assert not quiet.abstained
    assert summary.measure("answers", "silent without a device").value == 0.5
    assert summary.measure("centreline", "catheters traced where there is none").value == 0.5
    assert summary.measure("pump", "pumps found where there is none").value == 0.5


def test_a_pump_is_scored_by_its_centre_and_its_axis():
    """3 mm away along one axis and 20 degrees off; the sign of the axis does not matter."""
    truth = truth_of()
    turned = {**pump((83.0, -60.0, 20.0)), "normal": [0.0, float(-np.cos(1.0)), float(-np.sin(1.0))]}
    score = score_case(report_of(truth, pumps=[turned]), truth).pumps
    expected = np.degrees(np.arccos(abs(0.8 * np.cos(1.0) - 0.6 * np.sin(1.0))))
    assert score.center_error_mm == (pytest.approx(3.0),)
    assert score.normal_error_deg == (pytest.approx(expected),)
    far = score_case(report_of(truth, pumps=[pump((150.0, -60.0, 20.0))]), truth).pumps
    assert (far.found, far.spare) == (0, 1)


def test_subgroups_split_the_cohort_by_tag():
    """Tags of the truth files tell cases apart; many numbers are cut into quarters."""
    scores = []
    for n in range(12):
        truth = truth_of(
            uid=uid(n), tags={"background": "real" if n % 2 else "synthetic", "wall_hu": 100.0 * n, "same": 1}
        )
        shift = 0.5 if n % 2 else 0.0
        scores.append(score_case(report_of(truth, catheters=[catheter(straight(shift=shift))]), truth))
    summary = summarise(scores)
    parts = {(part.tag, part.value): part for part in summary.subgroups}
    assert {tag for tag, _ in parts} == {"background", "wall_hu"}
    assert len(parts) == 2 + 4
    error = {
        value: next(one.value for one in parts["background", value].measures if one.name == "mean error")
        for value in ("real", "synthetic")
    }
    assert error == {"real": pytest.approx(0.5), "synthetic": pytest.approx(0.0, abs=1e-9)}
    assert sum(part.cases for part in summary.subgroups if part.tag == "wall_hu") == 12


def test_without_tags_a_phantom_is_told_apart_by_its_recipe():
    """The dials that matter most become tags; tags of one's own come first."""
    truth = truth_of(recipe={"wall_hu": 400.0, "seed": 3, "fault": "kink"})
    assert dict(score_case(None, truth).tags) == {"wall_hu": 400.0, "fault": "kink"}
    assert dict(score_case(None, {**truth, "tags": {"site": "a"}}).tags) == {"site": "a"}


def test_the_order_of_cases_does_not_matter():
    """The same cases give the same summary."""
    cases = cohort(perfect)
    assert summarise(cases) == summarise(cases[::-1])


def test_predictive_values_at_a_stated_prevalence():
    """Sensitivity 0.9, specificity 0.95, prevalence 0.1: 0.09 / 0.135 and 0.855 / 0.865."""
    assert predictive_values(0.9, 0.95, prevalence=0.1) == (pytest.approx(0.09 / 0.135), pytest.approx(0.855 / 0.865))
    told = summarise(cohort(perfect))
    assert told.measure("discontinuity", "negative predictive value at prevalence 0.42").value == 1.0
    assert predictive_values(0.0, 1.0, prevalence=0.5) == (None, pytest.approx(0.5))


def test_two_versions_on_the_same_cases():
    """The second version misses the gaps of three studies: McNemar p = 0.25, and lines 0.2 mm worse."""

    def worse(n, truth):
        report = copy.deepcopy(report_of(truth))
        report["catheters"] = [catheter(straight(shift=0.2))]
        return {**report, "findings": []} if n in (1, 3, 5) else report

    changes = {change.name: change for change in compare(cohort(perfect), cohort(worse), kind="discontinuity")}
    told = changes["studies told rightly, discontinuity"]
    assert (told.first, told.second, told.p) == (1.0, pytest.approx(0.7), pytest.approx(0.25))
    assert changes["mean error, mm"].difference == pytest.approx(0.2)
    assert changes["mean error, mm"].low == pytest.approx(0.2)
    with pytest.raises(InputError, match="same studies"):
        compare(cohort(perfect), cohort(perfect)[:-1], kind="discontinuity")


def test_an_unanswered_study_is_wrong_either_way():
    """A verdict counts a study without an answer neither as found nor as rightly quiet."""
    told = verdicts("discontinuity", cohort(lambda n, truth: report_of(truth, catheters=[], findings=[])))
    assert told.answered == (False,) * 10

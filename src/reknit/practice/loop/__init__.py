"""The story of Reknit, one function a step and one transaction each.

a client says how it was      receive_check_in
something may have hurt       notice -> open_episode | snooze_alert | dismiss_alert
it is understood              understand
the therapist replies         draft_reply -> share_reply
the client answers            answer_reply
what was learned and agreed   propose_learning, propose_agreement -> confirm_, correct_, answer_agreement
it guards what comes next     check_homework -> propose_homework -> answer_homework -> report_homework
later sessions show           follow_up
"""

from reknit.practice.loop.acknowledge import acknowledge, answer_acknowledgement
from reknit.practice.loop.check_in import (
    CheckInData,
    add_words,
    guess_check_in,
    read_answers,
    receive_check_in,
    widen_audience,
)
from reknit.practice.loop.clinic import change_clinic, read_words_for_clinic
from reknit.practice.loop.concern import (
    next_concern_states,
    raise_concern,
    read_concerns,
    take_concern_on,
)
from reknit.practice.loop.errors import Clashes, NotNow
from reknit.practice.loop.follow_up import check_ins_since_agreed, follow_up
from reknit.practice.loop.homework import (
    answer_homework,
    check_homework,
    propose_homework,
    report_homework,
    withdraw_homework,
)
from reknit.practice.loop.learning import (
    answer_agreement,
    confirm_learning,
    correct_learning,
    propose_agreement,
    propose_learning,
    retire_agreement,
    retire_learning,
)
from reknit.practice.loop.next_steps import what_came_of_it, what_happens_next
from reknit.practice.loop.noticing import dismiss_alert, notice, open_episode, snooze_alert
from reknit.practice.loop.owed import answer_owed, read_owed, say_owed, take_owed_on
from reknit.practice.loop.people import (
    choose_language,
    end_relationship,
    give_consent,
    issue_link,
    open_clinic,
    open_link,
    open_relationship,
    withdraw_consent,
)
from reknit.practice.loop.post import send_due
from reknit.practice.loop.repair import (
    answer_reply,
    draft_reply,
    end_well,
    not_a_rupture,
    reflect,
    reflections,
    say_mended,
    share_reply,
    understand,
)
from reknit.practice.loop.sessions import move_session, plan_session, record_session, unrecord_session
from reknit.practice.loop.supervision import (
    begin_supervision,
    open_share,
    remark,
    share_episode,
    take_share_back,
)

__all__ = [
    "CheckInData",
    "Clashes",
    "NotNow",
    "acknowledge",
    "add_words",
    "answer_acknowledgement",
    "answer_agreement",
    "answer_homework",
    "answer_owed",
    "answer_reply",
    "begin_supervision",
    "change_clinic",
    "check_homework",
    "check_ins_since_agreed",
    "choose_language",
    "confirm_learning",
    "correct_learning",
    "dismiss_alert",
    "draft_reply",
    "end_relationship",
    "end_well",
    "follow_up",
    "give_consent",
    "guess_check_in",
    "issue_link",
    "move_session",
    "next_concern_states",
    "not_a_rupture",
    "notice",
    "open_clinic",
    "open_episode",
    "open_link",
    "open_relationship",
    "open_share",
    "plan_session",
    "propose_agreement",
    "propose_homework",
    "propose_learning",
    "raise_concern",
    "read_answers",
    "read_concerns",
    "read_owed",
    "read_words_for_clinic",
    "receive_check_in",
    "record_session",
    "reflect",
    "reflections",
    "remark",
    "report_homework",
    "retire_agreement",
    "retire_learning",
    "say_mended",
    "say_owed",
    "send_due",
    "share_episode",
    "share_reply",
    "snooze_alert",
    "take_concern_on",
    "take_owed_on",
    "take_share_back",
    "understand",
    "unrecord_session",
    "what_came_of_it",
    "what_happens_next",
    "widen_audience",
    "withdraw_consent",
    "withdraw_homework",
]

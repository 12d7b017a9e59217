"""What is reported, decided and appealed against, in all services together and in the model."""

from dataclasses import dataclass, field

from tests.feed.modelled import Written
from tests.feed.modelled_articles import Article, Blog, Comment
from tests.feed.playing import Said
from tests.moderation.caller import Caller as Reporter
from tests.moderation.judging import Author, Judge
from tests.together.acting import MODERATORS, Together

FIRST_GROUPS = ((0, "OPEN"), (1, "SECRET"))
DONE = {"HIDE": "Hidden", "REMOVE": "Removed"}


@dataclass(eq=False)
class Subject:
    """Something that can be reported; `thing` is what the model has of it, of a group its number."""

    name: str
    author: int
    thing: Written | Article | Comment | Blog | int


@dataclass(eq=False)
class Case:
    """A case that was decided; `spent` when nothing more can be done against that."""

    name: str
    subject: Subject
    reporter: int
    decider: int
    verdict: str
    mutes: bool
    spent: bool = False


@dataclass
class Judging(Together):
    """What was judged once and did not change alarms nobody again."""

    cases: list[Case] = field(default_factory=list)
    judged: set[str] = field(default_factory=set)

    async def warm_up(self) -> None:
        """Services in which there is something to deal with: two groups, and what is written in them and elsewhere."""
        for group, (founder, visibility) in enumerate(FIRST_GROUPS):
            await self.found(founder, visibility, since_joining=visibility == "SECRET")
            for member in (2, 4):
                await self.enter(member, group)
                # Into a secret group one is invited first.
                await self.enter(member, group)
        await self.settled()
        for group, (founder, _) in enumerate(FIRST_GROUPS):
            await self.follow_group(4, group, begins=True)
            await self.post(founder, Said(group), kinds=0, group=group, sort="")
            await self.write(founder, group, with_group=True)
        await self.settled()
        await self.post(3, Said(0), kinds=0, group=-1, sort="")
        await self.reply(2, 0, Said(0))
        await self.talk(2, 0, -1)
        await self.settled()

    def subjects(self, reporter: int) -> list[Subject]:
        """What somebody sees and did not make."""
        posts = [post for post in self.model.posts if self.model.shows(reporter, post)]
        found = [Subject(post.name, post.author, post) for post in posts]
        articles = [one for one in self.articles if not one.withdrawn and self.model.sees_root(reporter, one)]
        found += [Subject(article.name, article.author, article) for article in articles]
        comments = [comment for comment in self.comments if self.reads(reporter, comment)]
        found += [Subject(comment.name, comment.author, comment) for comment in comments]
        blogs = [(author, blog) for author, blog in self.own_blogs.items() if not blog.hidden and not blog.removed]
        found += [Subject(blog.name, author, blog) for author, blog in blogs]
        for number, group in enumerate(self.founded):
            if not group.withdrawn and (group.visibility != "SECRET" or reporter in group.joined):
                found.append(Subject(self.groups[number], group.founder, number))
        return [one for one in found if one.author != reporter and one.name not in self.judged]

    async def report(self, reporter: int, nth: int, verdict: str, *, mutes: bool) -> None:
        """Somebody reports something, and somebody else decides what becomes of it."""
        found = self.subjects(reporter)
        if not found:
            return
        subject = found[-1 - nth % len(found)]
        judges = self._judges(subject, reporter)
        if not judges:
            return
        await Reporter(self.worlds["moderation"], self.callers[reporter].person).report(subject.name, "SPAM")
        judge = self._judge(judges[0])
        if mutes and verdict != "NO_ACTION":
            case = await judge.judge(subject.name, "MUTE", content=verdict, hours=24)
        else:
            mutes = False
            case = await judge.judge(subject.name, verdict)
        self.judged.add(subject.name)
        self.cases.append(Case(case.name, subject, reporter, judges[0], verdict, mutes, verdict == "NO_ACTION"))
        if verdict != "NO_ACTION":
            self.takes_away = True
            await self._show(subject, DONE[verdict])
            self.inboxes.judged(subject.author, "DECISION", case.name, subject.name)
        if mutes:
            await self.silence(subject.author, begins=True)

    async def appeal(self, nth: int, *, upheld: bool) -> None:
        """The author appeals, and another moderator decides: that it was wrong, or that it stands."""
        case = self._standing_case(nth)
        if case is None:
            return
        judges = [one for one in self._judges(case.subject, case.reporter) if one != case.decider]
        if not judges:
            return
        await Author(Reporter(self.worlds["moderation"], self.callers[case.subject.author].person)).appeal(case.name)
        judge = self._judge(judges[0])
        await judge.take(case.name)
        if upheld:
            await judge.decide_appeal(case.name, "NO_ACTION", explanation="Het mocht.")
            await self._undone(case)
        elif case.mutes:
            await judge.decide_appeal(case.name, "MUTE", content=case.verdict, explanation="Nee.")
        else:
            await judge.decide_appeal(case.name, case.verdict, explanation="Nee.")
        case.spent = True
        self.inboxes.judged(case.subject.author, "APPEAL_DECIDED", case.name, "")

    async def undo(self, nth: int) -> None:
        """Who decided says that it was a mistake. The case is open again, and was not judged."""
        case = self._standing_case(nth)
        if case and case.decider in self._judges(case.subject, case.reporter):
            await self._judge(case.decider).undo(case.name)
            await self._undone(case)
            case.spent = True
            self.inboxes.judged(case.subject.author, "DECISION", case.name, case.subject.name)

    async def _undone(self, case: Case) -> None:
        await self._show(case.subject, "Restored")
        author = case.subject.author
        others = [one for one in self.cases if one is not case and one.mutes and one.subject.author == author]
        if case.mutes:
            case.mutes = False
            if not any(one.mutes for one in others):
                await self.silence(author, begins=False)

    def _standing_case(self, nth: int) -> Case | None:
        standing = [case for case in self.cases if not case.spent]
        return standing[-1 - nth % len(standing)] if standing else None

    def _judges(self, subject: Subject, reporter: int) -> list[int]:
        """Those who are not concerned: neither its author, nor who reported, nor who keeps its group."""
        concerned = {subject.author, reporter}
        group = self._group_of(subject)
        if group is not None:
            concerned.add(self.founded[group].founder)
        return [moderator for moderator in MODERATORS if moderator not in concerned]

    def _group_of(self, subject: Subject) -> int | None:
        match subject.thing:
            case Written():
                return subject.thing.root.group
            case Article():
                return subject.thing.group
            case Comment():
                return subject.thing.article.group
            case int():
                return subject.thing
        return None

    def _judge(self, moderator: int) -> Judge:
        return Judge(Reporter(self.worlds["moderation"], self.callers[moderator].person))

    async def _show(self, subject: Subject, decision: str) -> None:
        """Others see it as it was decided."""
        match subject.thing:
            case Written():
                await self.moderate_post(subject.thing, decision)
            case Article():
                await self.moderate_article(subject.thing, decision)
            case Comment():
                await self.moderate_comment(subject.thing, decision)
            case Blog():
                await self.moderate_blog(subject.thing, decision)
            case int():
                group = self.founded[subject.thing]
                group.hidden, group.removed = decision == "Hidden", decision == "Removed"
                await self.exists(subject.thing)

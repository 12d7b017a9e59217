"""Writing, changing and deleting comments."""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import uuid4

from google.protobuf import empty_pb2
from plein.blog.v1 import comments_pb2, events_pb2
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import viewer
from chassis.access import Sight
from chassis.events import append
from chassis.filtering import tell_held
from chassis.ids import new_id
from chassis.markdown import parsed
from chassis.once import once, replace_answers
from chassis.problems import BadInput
from services.blog.domain.articles import Article
from services.blog.domain.comments import Comment, Words, asks, check_html, checked_text, voice
from services.blog.domain.consultations import Contribution
from services.blog.rpc.base import now
from services.blog.rpc.discussing import Discussing, is_author
from services.blog.store import comment_reactions, comments, consultations
from services.blog.wire import comments as wire


class Standing(NamedTuple):
    """How somebody who writes stands to the article, and whether what they write on it is a contribution.

    `held` is what moderators have to judge before others see it.
    """

    is_author: bool
    contributes: bool
    held: bool = False


class CommentWriting(Discussing):
    """Who writes under an article holds its discussion, so that ids are in the order of the commits."""

    async def CreateComment(self, request: comments_pb2.CreateCommentRequest, context: Any) -> comments_pb2.Comment:
        sight, asked = self.sight_of_member(), request.comment
        words = await self.words(asked.text)
        held = self.filtering.judge(*words.said, warnings_accepted=request.warnings_accepted)
        async with self.database.transaction() as tx:

            async def written() -> comments_pb2.Comment:
                article = await self.seen_article(tx, sight, request.parent)
                standing = (await self.standing(tx, sight, article))._replace(held=bool(held))
                answered = await self._answered(tx, sight, article, asked.reply_to) if asked.reply_to else None
                comment = await self._written(tx, sight, article, words, standing, answered)
                await tell_held(tx, comment.name, comment.version, held)
                return await self.message(tx, sight, comment)

            return await once(tx, request, comments_pb2.Comment, written)

    async def words(self, text: str) -> Words:
        """What a text says; mentions of whom the caller may not know stay text."""
        text = checked_text(text)
        document = parsed(text)
        people = await self.people_behind(document.handles)
        found = {handle: str(person) for handle, person in people.items()}
        html = document.html(people=found, scope=str(uuid4()))
        check_html(html)
        mentions = dict.fromkeys(people[handle] for handle in document.handles if handle in people)
        return Words(text, html, document.plain, tuple(mentions))

    async def standing(self, tx: AsyncConnection, sight: Sight, article: Article) -> Standing:
        """How the viewer stands to an article, whose discussion is held; refuses who may not comment now."""
        discussion = await comments.discussion(tx, article.id, lock=True)
        discussion.check_open()
        author = await is_author(tx, article, sight.viewer, lock=True)
        consultation = await consultations.consultation(tx, article.id)
        if consultation is None or author:
            return Standing(author, contributes=False)
        consultation.check_open(now())
        return Standing(author, contributes=True)

    async def _answered(self, tx: AsyncConnection, sight: Sight, article: Article, name: str) -> Comment:
        found = await self.seen_comment(tx, sight, name)
        if found.article != article.id:
            raise BadInput("OTHER_ARTICLE", "What it answers is about another article.", field="comment.reply_to")
        return found

    async def _written(
        self,
        tx: AsyncConnection,
        sight: Sight,
        article: Article,
        words: Words,
        standing: Standing,
        answered: Comment | None,
    ) -> Comment:
        id_, moment = new_id(), now()
        comment = Comment(
            id=id_,
            article=article.id,
            author=sight.viewer,
            words=words,
            thread=answered.thread if answered else id_,
            create_time=moment,
            reply_to=answered.id if answered else None,
            depth=answered.depth + 1 if answered else 0,
            voice=voice(is_author=standing.is_author, roles=viewer.current().roles),
            question=asks(words.plain_text),
            hidden=standing.held,
        )
        await comments.add(tx, comment)
        if comment.is_top and standing.contributes:
            await consultations.add_contribution(tx, Contribution(comment.id, article.id))
        if standing.is_author and not comment.is_top:
            await _answer(tx, comment, moment)
        await append(tx, comment.name, comment.version, wire.created(comment, answered))
        return comment

    async def UpdateComment(self, request: comments_pb2.UpdateCommentRequest, context: Any) -> comments_pb2.Comment:
        asked = request.comment
        if unknown := set(request.update_mask.paths) - {"text"}:
            raise BadInput("BAD_MASK", "{path} cannot be changed.", field="update_mask", path=min(unknown))
        sight, words = self.sight_of_member(), await self.words(asked.text)
        async with self.database.transaction() as tx:
            before = await self.seen_comment(tx, sight, asked.name, lock=True)
            before.check_author(sight.viewer)
            said, accepted = words.said, request.warnings_accepted
            held = self.filtering.judge(*said, before=before.words.said, warnings_accepted=accepted)
            minutes = self.settings.comment_edit_minutes
            comment = before.edited(words, asked.etag, now(), minutes, held=bool(held))
            if comment is not before:
                (await comments.discussion(tx, comment.article)).check_open()
                if contribution := await consultations.locked_contribution(tx, comment.id):
                    await consultations.save_contribution(tx, contribution.reworded())
                await comments.save(tx, comment)
                await append(tx, comment.name, comment.version, wire.edited(comment, before))
                if comment.hidden and not before.hidden:
                    await append(tx, comment.name, comment.version, events_pb2.CommentHidden(comment=comment.name))
                await tell_held(tx, comment.name, comment.version, held)
            return await self.message(tx, sight, comment)

    async def DeleteComment(self, request: comments_pb2.DeleteCommentRequest, context: Any) -> empty_pb2.Empty:
        sight = self.sight()
        async with self.database.transaction() as tx:
            comment = await comments.deletable(tx, sight, wire.comment_id(request.name))
            if comment is None:
                raise wire.unknown_comment(request.name)
            comment.check_author(sight.viewer)
            if comment.delete_time is None:
                await delete(tx, comment, now())
        return empty_pb2.Empty()


async def _answer(tx: AsyncConnection, reply: Comment, moment: datetime) -> None:
    """Keeps that one of the article's authors replied to a contribution, if the thread is one."""
    contribution = await consultations.locked_contribution(tx, reply.thread)
    if contribution is not None and contribution.first_answer_time is None:
        await consultations.save_contribution(tx, contribution.first_answered(moment))


async def delete(tx: AsyncConnection, comment: Comment, moment: datetime) -> None:
    """Deletes a comment that is locked, and drops everything that it said, also what is kept for a repeated request."""
    left = comment.deleted(moment)
    await comments.save(tx, left)
    await comment_reactions.forget(tx, left.id)
    beginning = comments_pb2.Comment(name=left.name).SerializeToString()
    gone = comments_pb2.Comment(name=left.name, gone=True).SerializeToString()
    await replace_answers(tx, f"people/{left.author}", beginning, gone)
    await append(tx, left.name, left.version, events_pb2.CommentDeleted(comment=left.name))

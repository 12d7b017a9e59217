"""Articles: what readers see of them, and when."""

from plein.blog.v1 import articles_pb2, events_pb2
from plein.moderation.v1 import events_pb2 as moderation_pb2

from chassis.testing import World
from tests.blog.caller import UNKNOWN_ARTICLE, Caller, Meet, audience, kinds_told, leave, new_group, refused, told


async def blog_of(owner: Caller) -> str:
    return (await owner.begin_blog()).name


async def test_readers_see_an_article_when_it_is_published(world: World, meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    article = await ada.begin(await blog_of(ada), "Café *au lait*", "Hi **@bob**, a #Tag.\n\n<b>x</b>")
    unknown = (await refused(bob.read(UNKNOWN_ARTICLE))).without(UNKNOWN_ARTICLE)
    assert (await refused(bob.read(article.name))).without(article.name) == unknown
    await ada.publish(article.name)
    seen = await bob.read(article.name)
    assert (seen.title, seen.author, seen.reading_minutes) == ("Café *au lait*", ada.name, 1)
    assert f'<strong><a href="/people/{bob.id}" class="mention"' in seen.html
    assert "&lt;b&gt;x&lt;/b&gt;" in seen.html
    assert (list(seen.tags), list(seen.mentions)) == (["tags/tag"], [bob.name])
    assert seen.summary == "Hi @bob, a #Tag. <b>x</b>"
    [(kind, payload)] = await told(world, article.name)
    event = events_pb2.ArticlePublished.FromString(payload)
    assert (kind, list(event.mentioned), list(event.subscribers)) == ("ArticlePublished", [bob.name], [])


async def test_what_is_saved_shows_when_it_is_published_again(world: World, meet: Meet) -> None:
    ada, bob, eve = await meet("ada", "bob", "eve")
    article = await ada.write(await blog_of(ada), text="For @bob")
    assert (await refused(ada.publish(article.name))).reason == "NOTHING_NEW"
    await ada.save(article.name, text="For @bob and @eve")
    assert (await bob.read(article.name)).text == "For @bob"
    await ada.publish(article.name)
    assert (await bob.read(article.name)).text == "For @bob and @eve"
    assert (await bob.read(article.name)).HasField("edit_time")
    kind, payload = (await told(world, article.name))[-1]
    assert kind == "ArticleEdited"
    assert list(events_pb2.ArticleEdited.FromString(payload).newly_mentioned) == [eve.name]


async def test_an_article_needs_a_title_and_a_text(meet: Meet) -> None:
    [ada] = await meet("ada")
    article = await ada.begin(await blog_of(ada), "Title", "")
    assert (await refused(ada.publish(article.name))).reason == "NOTHING_TO_SAY"


async def test_an_article_that_is_taken_back_has_no_readers(world: World, meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    article = await ada.write(await blog_of(ada))
    await ada.unpublish(article.name)
    assert (await refused(bob.read(article.name))).code == "NOT_FOUND"
    assert await bob.listed(author=ada.name) == []
    assert (await ada.read(article.name)).state == articles_pb2.ARTICLE_STATE_DRAFT
    again = await ada.publish(article.name)
    assert again.publish_time == article.publish_time
    assert await kinds_told(world, article.name) == ["ArticlePublished", "ArticleWithdrawn", "ArticlePublished"]


async def test_an_old_address_leads_to_the_new_one(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    article = await ada.write(await blog_of(ada), "Über große Pläne")
    assert article.slug.startswith("uber-grosse-plane-")
    await ada.save(article.name, title="Kleine Pläne")
    await ada.publish(article.name)
    found = await bob.articles.LookUpArticle(articles_pb2.LookUpArticleRequest(slug=article.slug))
    assert found.name == article.name
    assert found.slug == article.slug.replace("uber-grosse", "kleine")
    for wrong in ("uber-grosse-plane", f"x-{article.slug[:-1]}", "x-000000000000"):
        request = articles_pb2.LookUpArticleRequest(slug=wrong)
        assert (await refused(bob.articles.LookUpArticle(request))).code == "NOT_FOUND"
    await ada.unpublish(article.name)
    request = articles_pb2.LookUpArticleRequest(slug=article.slug)
    assert (await refused(bob.articles.LookUpArticle(request))).code == "NOT_FOUND"


async def test_lists_hold_what_the_reader_may_read_newest_first(world: World, meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    [ext] = await meet("ext", kind="EXTERNAL")
    group = await new_group(world, ada, bob)
    blog = await blog_of(ada)
    everyone = [(await ada.write(blog, f"{number}", "All. #go")).name for number in range(3)]
    staff = (await ada.write(blog, "Staff", "Us. #go", kinds=["EMPLOYEE"])).name
    ours = (await ada.write(blog, "Ours", "We. #go", group=group)).name
    await ada.begin(blog, "Draft", "Not yet. #go")
    newest = [ours, staff, *reversed(everyone)]
    for asked in ({"parent": blog}, {"author": ada.name}, {"parent": blog, "tag": "tags/Go"}):
        assert await bob.listed(**asked) == newest
        assert await ext.listed(**asked) == newest[2:]
    request = articles_pb2.BatchGetArticlesRequest(names=[staff, everyone[0], "articles/x", everyone[0]])
    batch = (await ext.articles.BatchGetArticles(request)).articles
    assert [(article.name, article.text) for article in batch] == [(everyone[0], "")]
    await leave(world, group, bob)
    assert await bob.listed(parent=blog) == newest[1:]


async def test_barriers_and_groups_keep_readers_and_editors_apart(world: World, meet: Meet) -> None:
    [ned] = await meet("ned", segments=["network"])
    [ria] = await meet("ria", segments=["retail"])
    blog = await blog_of(ned)
    await ned.give_role(blog, ria, "EDITOR")
    article, draft = await ned.write(blog), await ned.begin(blog)
    assert (await ria.draft(draft.name)).title == "First"
    await world.bar(("network", "retail"))
    for call in (ria.read(article.name), ria.draft(draft.name), ria.preview(draft.name), ria.publish(draft.name)):
        assert (await refused(call)).code == "NOT_FOUND"
    assert await ria.listed(tag="tags/none") == []
    await world.bar()
    assert (await ria.read(article.name)).name == article.name


async def test_an_article_is_for_whom_its_blog_is_for_or_fewer(world: World, meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    [ext] = await meet("ext", kind="EXTERNAL")
    group = await new_group(world, ada, bob)
    blog = (await ada.begin_blog(group=group)).name
    article = await ada.write(blog)
    assert article.audience.group == group
    other = await new_group(world, ada)
    for fewer in ({"group": other}, {"kinds": ["EMPLOYEE"]}):
        refusal = await refused(ada.begin(blog, **fewer))
        assert (refusal.reason, refusal.fields) == ("AUDIENCE_TOO_WIDE", ("article.audience",))
    assert (await refused(bob.begin_blog(group=other))).reason == "NO_GROUP"
    assert (await refused(ext.read(article.name))).code == "NOT_FOUND"


async def test_another_audience_counts_at_once(world: World, meet: Meet) -> None:
    [ada] = await meet("ada")
    [ext] = await meet("ext", kind="EXTERNAL")
    article = await ada.write(await blog_of(ada))
    changed = articles_pb2.Article(name=article.name, audience=audience(["EMPLOYEE"]), etag=article.etag)
    await ada.articles.UpdateArticle(articles_pb2.UpdateArticleRequest(article=changed))
    assert (await refused(ext.read(article.name))).code == "NOT_FOUND"
    assert (await kinds_told(world, article.name))[-1] == "ArticleAudienceChanged"
    request = articles_pb2.UpdateArticleRequest(article=changed)
    assert (await refused(ada.articles.UpdateArticle(request))).reason == "ARTICLE_CHANGED"


async def test_roles_say_who_publishes(meet: Meet) -> None:
    ada, ed, sam, tom, eve = await meet("ada", "ed", "sam", "tom", "eve")
    blog = await blog_of(ada)
    for person, role in ((ed, "EDITOR"), (sam, "AUTHOR"), (tom, "CONTRIBUTOR")):
        await ada.give_role(blog, person, role)
    assert (await refused(eve.begin(blog))).reason == "NOT_YOUR_ARTICLE"
    mine = await tom.begin(blog)
    assert (await refused(tom.publish(mine.name))).reason == "NOT_A_PUBLISHER"
    assert (await refused(sam.publish(mine.name))).code == "NOT_FOUND"
    await ed.publish(mine.name)
    assert (await refused(sam.save(mine.name, text="Mine"))).reason == "NOT_YOUR_ARTICLE"
    assert (await refused(tom.unpublish(mine.name))).reason == "NOT_A_PUBLISHER"
    theirs = await sam.write(blog)
    await ada.take_role(blog, sam)
    assert (await sam.draft(theirs.name)).text == "Hello."
    assert (await refused(sam.save(theirs.name, text="More"))).reason == "NOT_YOUR_ARTICLE"
    assert (await refused(sam.unpublish(theirs.name))).reason == "NOT_YOUR_ARTICLE"
    await ed.unpublish(theirs.name)


async def test_a_deleted_article_is_gone_with_all_that_it_said(world: World, meet: Meet) -> None:
    ada, tom = await meet("ada", "tom")
    blog = await blog_of(ada)
    await ada.give_role(blog, tom, "CONTRIBUTOR")
    out, never = await tom.begin(blog), await tom.begin(blog)
    await ada.publish(out.name)
    assert (await refused(tom.delete(out.name))).reason == "NOT_A_PUBLISHER"
    await tom.delete(never.name)
    await ada.delete(out.name)
    assert (await refused(ada.delete(out.name))).code == "NOT_FOUND"
    assert (await refused(ada.read(out.name))).code == "NOT_FOUND"
    assert (await kinds_told(world, out.name))[-1] == "ArticleWithdrawn"


async def test_what_moderation_hides_its_author_sees_and_what_it_removes_nobody(world: World, meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    blog = await blog_of(ada)
    article = (await ada.write(blog)).name

    async def decided(event: type, subject: str) -> None:
        await world.tell(subject, event(subject=subject), source="moderation")

    for subject in (article, blog):
        await decided(moderation_pb2.SubjectHidden, subject)
        assert (await refused(bob.read(article))).code == "NOT_FOUND"
        assert await bob.listed(author=ada.name) == []
        assert (await ada.read(article)).name == article
        await decided(moderation_pb2.SubjectRemoved, subject)
        assert (await refused(ada.read(article))).code == "NOT_FOUND"
        assert (await refused(ada.draft(article))).code == "NOT_FOUND"
        await decided(moderation_pb2.SubjectRestored, subject)
        assert (await bob.read(article)).name == article
    assert (await kinds_told(world, article))[1:] == ["ArticleHidden", "ArticleHidden", "ArticleRestored"]


async def test_marks_that_make_too_much_html_are_refused(meet: Meet) -> None:
    [ada] = await meet("ada")
    article = await ada.begin(await blog_of(ada), text="[^1]" * 30_000 + "\n\n[^1]: x")
    assert (await refused(ada.publish(article.name))).reason == "TOO_MANY_MARKS"

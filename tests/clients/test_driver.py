"""The Python driver from PyPI talks to the server."""

import asyncio
import json
import logging
import os
import queue
import threading
import time
import unittest
import uuid
from urllib.parse import urlsplit

from mattermostdriver import Driver
from mattermostdriver.exceptions import (
    InvalidOrMissingParameters,
    NoAccessTokenProvided,
    NotEnoughPermissions,
)

SERVER = urlsplit(os.environ["RUSTCHAT_URL"])
PASSWORD = "Correct horse 7 battery"
PATIENCE = 10

# The refusals that the tests ask for are not worth a line each.
logging.disable(logging.CRITICAL)


def driver(login_id=None, password=PASSWORD):
    return Driver(
        {
            "scheme": SERVER.scheme,
            "url": SERVER.hostname,
            "port": SERVER.port,
            "basepath": f"{SERVER.path}/api/v4",
            "login_id": login_id,
            "password": password,
            # The socket looks this often whether it is to end.
            "timeout": 1,
            "request_timeout": PATIENCE,
        }
    )


def sign_up(name):
    """A driver of somebody new, logged in."""
    username = f"{name}-{uuid.uuid4().hex[:10]}"
    driver().users.create_user(
        {"email": f"{username}@example.com", "username": username, "password": PASSWORD}
    )
    person = driver(username)
    person.login()
    return person


class Ears:
    """The driver's socket, in a thread of its own; used as a context."""

    def __init__(self, person):
        self.person = person
        self.events = queue.Queue()
        self.thread = threading.Thread(target=self._run, daemon=True)

    def _run(self):
        with asyncio.Runner() as runner:
            # The driver asks for the loop of its thread, and leaves the connection's own tasks to whoever made the loop.
            asyncio.set_event_loop(runner.get_loop())
            self.person.init_websocket(self._heard)

    async def _heard(self, message):
        self.events.put(json.loads(message))

    def wait_for(self, name, fits=lambda event: True):
        end = time.monotonic() + PATIENCE
        seen = []
        while (left := end - time.monotonic()) > 0:
            try:
                event = self.events.get(timeout=left)
            except queue.Empty:
                break
            if event.get("event") == name and fits(event):
                return event
            seen.append(event.get("event", event))
        raise AssertionError(f"no {name} came; what came: {seen}")

    def __enter__(self):
        self.thread.start()
        self.hello = self.wait_for("hello")
        return self

    def __exit__(self, *_):
        self.person.disconnect()
        self.thread.join(PATIENCE)


class DriverTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.ann = sign_up("ann")
        cls.bob = sign_up("bob")
        cls.team = cls.ann.teams.create_team(
            {"name": f"crew-{uuid.uuid4().hex[:10]}", "display_name": "The crew", "type": "O"}
        )
        cls.ann.teams.add_user_to_team(
            cls.team["id"], {"team_id": cls.team["id"], "user_id": cls.bob.client.userid}
        )
        cls.channel = cls.ann.channels.create_channel(
            {
                "team_id": cls.team["id"],
                "name": f"launch-{uuid.uuid4().hex[:10]}",
                "display_name": "Launch",
                "type": "O",
            }
        )
        cls.ann.channels.add_user(cls.channel["id"], {"user_id": cls.bob.client.userid})

    def say(self, person, message, **more):
        return person.posts.create_post({"channel_id": self.channel["id"], "message": message, **more})

    def test_login_answers_the_user(self):
        me = self.ann.users.get_user("me")
        self.assertEqual(me["id"], self.ann.client.userid)
        self.assertEqual(me["username"], self.ann.client.username)

    def test_a_wrong_password_is_refused(self):
        with self.assertRaises(NoAccessTokenProvided):
            driver(self.ann.client.username, "something else").login()

    def test_team_and_channel_are_found(self):
        team = self.bob.teams.get_team_by_name(self.team["name"])
        self.assertEqual(team["id"], self.team["id"])
        channel = self.bob.channels.get_channel_by_name(self.team["id"], self.channel["name"])
        self.assertEqual(channel["display_name"], "Launch")
        mine = self.bob.channels.get_channels_for_user("me", self.team["id"])
        self.assertIn(self.channel["id"], [channel["id"] for channel in mine])

    def test_a_post_is_read_by_another(self):
        post = self.say(self.ann, "Hello from Python")
        posts = self.bob.posts.get_posts_for_channel(self.channel["id"])
        self.assertIn(post["id"], posts["order"])
        self.assertEqual(posts["posts"][post["id"]]["message"], "Hello from Python")

    def test_a_reply_stands_in_its_thread(self):
        root = self.say(self.ann, "Who brings the cake?")
        reply = self.say(self.bob, "I do", root_id=root["id"])
        thread = self.ann.posts.get_thread(root["id"])
        self.assertEqual(set(thread["order"]), {root["id"], reply["id"]})
        self.assertEqual(thread["posts"][reply["id"]]["root_id"], root["id"])

    def test_a_post_is_edited_and_deleted(self):
        post = self.say(self.ann, "frist")
        changed = self.ann.posts.patch_post(post["id"], {"message": "first"})
        self.assertEqual(changed["message"], "first")
        with self.assertRaises(NotEnoughPermissions):
            self.bob.posts.patch_post(post["id"], {"message": "mine"})
        self.ann.posts.delete_post(post["id"])
        self.assertNotIn(post["id"], self.bob.posts.get_posts_for_channel(self.channel["id"])["order"])

    def test_a_reply_to_a_reply_is_refused(self):
        root = self.say(self.ann, "Tea?")
        reply = self.say(self.bob, "Coffee", root_id=root["id"])
        with self.assertRaises(InvalidOrMissingParameters):
            self.say(self.ann, "Neither", root_id=reply["id"])

    def test_a_message_is_heard_on_the_socket(self):
        with Ears(self.bob) as ears:
            self.assertEqual(ears.hello["seq"], 0)
            message = f"heard {uuid.uuid4().hex}"
            post = self.say(self.ann, message)
            event = ears.wait_for(
                "posted", lambda event: json.loads(event["data"]["post"])["message"] == message
            )
            self.assertEqual(json.loads(event["data"]["post"])["id"], post["id"])
            self.assertEqual(event["data"]["channel_name"], self.channel["name"])
            self.assertEqual(event["data"]["sender_name"], f"@{self.ann.client.username}")
            self.assertEqual(event["broadcast"]["channel_id"], self.channel["id"])
        self.assertFalse(ears.thread.is_alive())

    def test_a_file_is_uploaded_posted_and_downloaded(self):
        content = os.urandom(200_000)
        sent = self.ann.files.upload_file(
            channel_id=self.channel["id"], files={"files": ("Grüße aus Köln.bin", content)}
        )
        info = sent["file_infos"][0]
        self.assertEqual((info["name"], info["size"]), ("Grüße aus Köln.bin", len(content)))
        post = self.say(self.ann, "With a file", file_ids=[info["id"]])
        self.assertEqual([file["id"] for file in post["metadata"]["files"]], [info["id"]])
        self.assertEqual(self.bob.files.get_file(info["id"]).content, content)
        told = self.bob.files.get_file_metadata(info["id"])
        self.assertEqual((told["post_id"], told["user_id"]), (post["id"], self.ann.client.userid))
        with self.assertRaises(NotEnoughPermissions):
            sign_up("eve").files.get_file(info["id"])

    def test_logout_ends_the_session(self):
        gone = sign_up("gus")
        token = gone.client.token
        gone.logout()
        gone.client.token = token
        with self.assertRaises(NoAccessTokenProvided):
            gone.users.get_user("me")


if __name__ == "__main__":
    unittest.main()

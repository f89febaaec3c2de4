"""What the demonstration's agencies at the gateway share: a call with the agency's bearer key, and a line of the timeline."""
import json
import time
import urllib.error
import urllib.request


def say(door, text):
    hour = time.strftime("%H:%M:%S", time.gmtime(time.time() + 8 * 3600))
    print(f"{hour}  {door}  {text}", flush=True)


class Gateway:
    def __init__(self, url, key_file):
        self.url = url
        with open(key_file, encoding="utf-8") as file:
            self.key = file.read().strip()

    def call(self, method, path, body=None):
        """The status and the answer. The database or the gateway may be away for a while: status 0."""
        request = urllib.request.Request(self.url + path, method=method)
        request.add_header("Authorization", "Bearer " + self.key)
        data = None
        if body is not None:
            request.add_header("Content-Type", "application/json")
            data = json.dumps(body).encode()
        try:
            with urllib.request.urlopen(request, data, timeout=60) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, {}
        except OSError:
            return 0, {}

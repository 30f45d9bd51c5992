"""Random schedules over the real outbox, inbox, permit actions and gates, with everything checked after every step.

A schedule is one whole number: from it follow the stage it begins at, who acts, what the network does to each
message, who dies at which statement, what an attacker sends and shows. `running.run(seed)` plays one; what must
hold is in `book.py` (each node's log) and `oracle.py` (each green light), written without the code under test.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

SQLITE = """
CREATE VIRTUAL TABLE lists_searchtext_words USING fts5(search, content='lists_searchtext', content_rowid='id', detail=none, tokenize='ascii');
CREATE TRIGGER lists_searchtext_made AFTER INSERT ON lists_searchtext BEGIN
  INSERT INTO lists_searchtext_words(rowid, search) VALUES (new.id, new.search);
END;
CREATE TRIGGER lists_searchtext_gone AFTER DELETE ON lists_searchtext BEGIN
  INSERT INTO lists_searchtext_words(lists_searchtext_words, rowid, search) VALUES ('delete', old.id, old.search);
END;
CREATE TRIGGER lists_searchtext_changed AFTER UPDATE ON lists_searchtext BEGIN
  INSERT INTO lists_searchtext_words(lists_searchtext_words, rowid, search) VALUES ('delete', old.id, old.search);
  INSERT INTO lists_searchtext_words(rowid, search) VALUES (new.id, new.search);
END;
"""
POSTGRESQL = """
CREATE INDEX lists_searchtext_words ON lists_searchtext USING gin (array_to_tsvector(string_to_array(btrim(search), ' ')));
"""


def make_index(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        for statement in _statements(SQLITE):
            schema_editor.execute(statement)
    else:
        schema_editor.execute(POSTGRESQL)


def drop_index(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("DROP TABLE lists_searchtext_words")  # its triggers go with the table they stand on
    else:
        schema_editor.execute("DROP INDEX lists_searchtext_words")


def _statements(script):
    """A trigger holds semicolons of its own, so statements end where a line begins with CREATE."""
    return ["CREATE " + part.strip() for part in script.split("\nCREATE ") if part.strip()]


class Migration(migrations.Migration):
    initial = True
    dependencies = [migrations.swappable_dependency(settings.AUTH_USER_MODEL)]
    operations = [
        migrations.CreateModel(
            name="SearchText",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=40)),
                ("key", models.CharField(max_length=60)),
                ("search", models.TextField()),
            ],
            options={"constraints": [models.UniqueConstraint(fields=("kind", "key"), name="search_text_once")]},
        ),
        migrations.CreateModel(
            name="SavedView",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("listing", models.CharField(max_length=40)),
                ("name", models.CharField(max_length=60)),
                ("query", models.CharField(blank=True, max_length=500)),
                ("user", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "ordering": ["listing", "name", "id"],
                "constraints": [models.UniqueConstraint(fields=("user", "listing", "name"), name="saved_view_once")],
            },
        ),
        migrations.RunPython(make_index, drop_index),
    ]

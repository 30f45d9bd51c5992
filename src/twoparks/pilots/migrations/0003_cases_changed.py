from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("pilots", "0002_impact_runs")]

    operations = [
        migrations.AddField("trialcase", "changed", models.BooleanField(default=False), preserve_default=False)
    ]

"""Enabled subdivisions stand in the regions file, signed off by name; the table for them was never used."""

from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("control", "0002_pack_texts")]  # noqa: RUF012 - declared so by the base class

    operations = [ops.DeleteModel("EnabledSubdivisionRow")]  # noqa: RUF012 - as above

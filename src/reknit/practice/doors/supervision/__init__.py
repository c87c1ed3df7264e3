"""The door for supervision: episodes that were shared, and how supervision is for the one supervised."""

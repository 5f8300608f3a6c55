"""SQLite: the files, the migrations, and all the SQL there is."""

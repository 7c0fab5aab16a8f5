"""The karyogram board: the centre of the karyogram workspace."""

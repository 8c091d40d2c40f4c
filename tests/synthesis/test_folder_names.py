"""Any class name gives its own folder, directly below the parent folder."""

from ganaug.synthesis.folder_names import folder_name


def test_class_names_become_distinct_folders_that_lead_nowhere_else():
    names = ["猫", "a b", "../x", "..", "a/b", "a%2Fb", "x.", "con:", "new\nline", ".hidden"]
    folders = [folder_name(name) for name in names]
    assert folders[:4] == ["猫", "a b", "%2E.%2Fx", "%2E%2E"]
    assert len(set(folders)) == len(names)
    assert not any(set("/\\:\n") & set(folder) or folder.startswith(".") for folder in folders)

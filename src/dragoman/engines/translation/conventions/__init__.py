"""How the sentences of each family of CTranslate2 models are written and read. One file each.

``folder_files.py`` reads what lies beside ``model.bin``; ``convention.py`` is what all families come down to.
``../sentencepiece_folder.py`` chooses the family, ``../ctranslate2.py`` runs the model.
"""

"""The words for yes and no."""

from __future__ import annotations

YES = {
    "English": "yes", "German": "ja", "French": "oui", "Spanish": "sí", "Italian": "sì", "Portuguese": "sim", "Dutch": "ja", "Nordic": "ja", "Polish": "tak",
    "Czech": "ano", "Russian": "да", "Ukrainian": "так", "Turkish": "evet", "Greek": "ναι", "Indonesian": "ya", "Vietnamese": "có", "Arabic": "نعم",
    "Hindi": "हाँ", "Japanese": "はい", "Korean": "네 예",
}  # fmt: skip
NO = {
    "English": "no", "German": "nein", "French": "non", "Spanish": "no", "Italian": "no", "Portuguese": "não", "Dutch": "nee", "Nordic": "nej nei", "Polish": "nie",
    "Czech": "ne", "Russian": "нет", "Ukrainian": "ні", "Turkish": "hayır", "Greek": "όχι", "Indonesian": "tidak", "Vietnamese": "không", "Arabic": "لا",
    "Hindi": "नहीं", "Japanese": "いいえ", "Korean": "아니요", "Chinese": "否",
}  # fmt: skip
POLAR = {word: "yes" for words in YES.values() for word in words.split()} | {
    word: "no" for words in NO.values() for word in words.split()
}

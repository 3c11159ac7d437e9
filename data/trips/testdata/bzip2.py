# Writes bzip2.txt, from the text that TAXI_SAMPLE=sample.csv go test ./data/trips -run TestBzip2Of leaves.
# usage: python3 bzip2.py sample.csv > bzip2.txt
import base64, bz2, sys

text = open(sys.argv[1], "rb").read()
half = len(text) // 2
for part in text, text[:half], text[half:]:
    print(base64.b64encode(bz2.compress(part)).decode())

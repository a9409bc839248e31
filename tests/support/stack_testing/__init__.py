"""What the Python tests share: a real broker, independent readers of topic and lake, data, processes, reports.

Nothing here uses the program's own code or asks the program what is in the topic or the lake.
"""

#!/usr/bin/env python3
# Becomes a program that holds a connection to a Unix socket: connected.py SOCKET PROGRAM ARGUMENT..., "@" stands for its descriptor.
# SPDX-License-Identifier: Apache-2.0
import os
import socket
import sys

connection = socket.socket(socket.AF_UNIX)
connection.connect(sys.argv[1])
connection.set_inheritable(True)
words = [word.replace("@", str(connection.fileno())) for word in sys.argv[2:]]
os.execv(words[0], words)

package com.example.spark;

import java.io.Serializable;

/**
 * A photo to be embedded: what it is called, and where its bytes are.
 *
 * @param photo its name, with which the ids of its faces begin; unique
 * @param person the folder that it lies in; null if that is the root
 * @param file the URI of the file, or of the zip that it is in
 * @param entry its name in the zip; null of a file
 * @param size bytes; -1 if the zip does not tell
 * @param modified milliseconds since 1970
 * @param problem why it cannot be read; null of most
 */
record PhotoRef(
    String photo,
    String person,
    String file,
    String entry,
    long size,
    long modified,
    String problem)
    implements Serializable {}

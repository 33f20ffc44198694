/* The version of everything built from this tree. */
#ifndef PROTO_VERSION_H
#define PROTO_VERSION_H

#define OCOP_VERSION "0.1.0"

#endif

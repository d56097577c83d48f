/* The recipe tree as a git tree: which commit, changed or not, and the object id of each file. It
 * works without a repository too: the ids are git's way of hashing bytes, whoever keeps them. */
#pragma once

#include "core/base/str.h"

enum { TREE_OBJECT = 41 }; /* SHA-1 in hex and a zero byte */

struct recipe_tree {
	char *folder;
	char commit[TREE_OBJECT]; /* "" outside of a repository, and before the first commit */
	bool dirty; /* something in the folder differs from the commit */
};

/* Never fails for lack of a repository; ERR_NOT_FOUND if the folder has no targets/. */
int recipe_tree_open(const char *folder, struct recipe_tree *out, struct err *e);
void recipe_tree_finish(struct recipe_tree *t);

/* git's id of a file's bytes as a blob, the same in and out of a repository. */
int tree_object_of_file(const char *path, char out[static TREE_OBJECT], struct err *e);
void tree_object_of(struct str bytes, char out[static TREE_OBJECT]);

/* Where the recipes are if nobody says: $WHEELFARM_RECIPES, else beside the program (../recipes of
 * its folder), else where they were built from. The caller frees. */
char *recipe_tree_default(void);

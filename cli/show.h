/* `wheelfarm show`: everything known of one package. */
#pragma once

int command_show(int argc, char **argv);

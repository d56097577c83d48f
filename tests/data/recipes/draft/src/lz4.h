int lz4;

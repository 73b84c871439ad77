// Keeps a module without sources yet a valid library.

#pragma once

/// What a shared library shows: every declaration of a public header, whose namespace is opened as
/// `namespace NUPHI_PUBLIC nuphi {`; everything else is hidden.
#if defined(__GNUC__)
#define NUPHI_PUBLIC [[gnu::visibility("default")]]
#else
#define NUPHI_PUBLIC
#endif

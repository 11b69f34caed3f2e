// What check_symbols.cmake must catch: a weak symbol, as an inline function of std:: would be.
namespace qrt::QRT_ISA_NAMESPACE {
__attribute__((weak)) int leaks(int x) { return x + 1; }
}  // namespace qrt::QRT_ISA_NAMESPACE

// Reference values of the dynamic response in rigorous ball arithmetic (Arb).
//
//   g++ -O2 response_truth.cc -lflint-arb -lflint -o response_truth
//   ./response_truth < points.txt > values.csv      # lines "y_t y_r rho lambda_re lambda_im"
//
// Every value is recomputed with doubled precision until its relative radius is below 2^-110; 30
// digits are printed. λ = 0 is replaced by 1e-60, which changes nothing that is printed but log f.
#include <acb.h>
#include <acb_hypgeom.h>

#include <cstdio>
#include <string>

namespace {

class Ball {
 public:
  Ball() { acb_init(x); }
  ~Ball() { acb_clear(x); }
  Ball(const Ball&) = delete;
  Ball& operator=(const Ball&) = delete;
  acb_t x;
};

// φ_λ(y) = H_{−λ}(−y)
void phi(acb_t r, const acb_t lambda, double y, long prec) {
  Ball n, z;
  acb_neg(n.x, lambda);
  acb_set_d(z.x, -y);
  acb_hypgeom_hermite_h(r, n.x, z.x, prec);
}

bool good(const acb_t x, bool modulus_only = true) {
  if (!acb_is_finite(x)) return false;
  if (modulus_only) return acb_rel_accuracy_bits(x) > 110;
  return arb_rel_accuracy_bits(acb_realref(x)) > 110;
}

void print(const arb_t x, char end) {
  char* s = arb_get_str(x, 30, ARB_STR_NO_RADIUS);
  std::printf("%s%c", s, end);
  flint_free(s);
}

struct Row {
  double y_t, y_r, rho, re, im;
};

bool evaluate(const Row& row, long prec) {
  Ball lambda, l1, t[3], r[3], difference, den, shift, g_mu, g_var, f, log_f, spectrum, scratch;
  acb_set_d_d(lambda.x, row.re, row.im);
  if (row.re == 0 && row.im == 0) {
    acb_set_d(lambda.x, 1);
    acb_mul_2exp_si(lambda.x, lambda.x, -400);
  }
  for (int k = 0; k < 3; ++k) {
    acb_add_si(l1.x, lambda.x, k, prec);
    phi(t[k].x, l1.x, row.y_t, prec);
    phi(r[k].x, l1.x, row.y_r, prec);
  }
  acb_set_d(shift.x, row.rho);
  acb_mul(shift.x, shift.x, lambda.x, prec);
  acb_neg(shift.x, shift.x);
  acb_exp(shift.x, shift.x, prec);
  acb_mul(den.x, shift.x, r[0].x, prec);
  acb_sub(den.x, t[0].x, den.x, prec);
  // φ' = 2λ φ_{λ+1}, φ'' = 4λ(λ+1) φ_{λ+2}
  acb_sub(difference.x, t[1].x, r[1].x, prec);
  acb_mul(difference.x, difference.x, lambda.x, prec);
  acb_mul_2exp_si(difference.x, difference.x, 1);
  acb_add_si(l1.x, lambda.x, 1, prec);
  acb_mul(scratch.x, l1.x, den.x, prec);
  acb_div(g_mu.x, difference.x, scratch.x, prec);
  acb_sub(difference.x, t[2].x, r[2].x, prec);
  acb_mul(difference.x, difference.x, lambda.x, prec);
  acb_mul(difference.x, difference.x, l1.x, prec);
  acb_mul_2exp_si(difference.x, difference.x, 1);
  acb_add_si(l1.x, lambda.x, 2, prec);
  acb_mul(scratch.x, l1.x, den.x, prec);
  acb_div(g_var.x, difference.x, scratch.x, prec);
  acb_div(f.x, r[0].x, t[0].x, prec);
  acb_log(log_f.x, f.x, prec);
  // (1 − |f|²)/|1 − f e^{−λρ}|²
  arb_t m, n;
  arb_init(m);
  arb_init(n);
  acb_abs(m, f.x, prec);
  arb_sqr(m, m, prec);
  arb_sub_si(m, m, 1, prec);
  arb_neg(m, m);
  acb_div(scratch.x, den.x, t[0].x, prec);
  acb_abs(n, scratch.x, prec);
  arb_sqr(n, n, prec);
  arb_div(acb_realref(spectrum.x), m, n, prec);
  arb_clear(m);
  arb_clear(n);
  const bool on_axis = row.re == 0 && row.im != 0;
  if (!good(g_mu.x) || !good(g_var.x) || !good(log_f.x) || (on_axis && !good(spectrum.x, false)))
    return false;
  std::printf("%.17g,%.17g,%.17g,%.17g,%.17g,", row.y_t, row.y_r, row.rho, row.re, row.im);
  for (const acb_t* value : {&g_mu.x, &g_var.x, &log_f.x}) {
    print(acb_realref(*value), ',');
    print(acb_imagref(*value), ',');
  }
  if (on_axis)
    print(acb_realref(spectrum.x), '\n');
  else
    std::printf("nan\n");
  return true;
}

}  // namespace

int main() {
  std::printf(
      "y_t,y_r,rho,lambda_re,lambda_im,G_mu_re,G_mu_im,G_variance_re,G_variance_im,log_f_re,log_f_"
      "im,"
      "spectrum\n");
  Row row;
  while (std::scanf("%lf %lf %lf %lf %lf", &row.y_t, &row.y_r, &row.rho, &row.re, &row.im) == 5) {
    long prec = 256;
    while (prec < (1 << 17) && !evaluate(row, prec)) prec *= 2;
    if (prec >= (1 << 17)) std::fprintf(stderr, "undecided: %.17g %.17g\n", row.y_t, row.y_r);
  }
}

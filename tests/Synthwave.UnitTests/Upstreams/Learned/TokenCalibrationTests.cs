using Synthwave.Upstreams.Learned;

namespace Synthwave.UnitTests.Upstreams.Learned;

public sealed class TokenCalibrationTests
{
    [Fact]
    public void Nothing_is_believed_before_enough_observations()
    {
        var calibration = Observed(TokenCalibration.Enough - 1, 1000, 700);

        calibration.Ratio.Should().Be(1);
        (calibration.ToEstimate(7000), calibration.ToCounted(10_000)).Should().Be((7000, 10_000));
    }

    [Fact]
    public void Ratio_turns_windows_into_estimates_and_back()
    {
        var calibration = Observed(TokenCalibration.Enough, 1000, 700);

        calibration.Ratio.Should().BeApproximately(0.7, 1e-9);
        calibration.ToEstimate(7000).Should().BeInRange(9999, 10_000);
        calibration.ToCounted(10_000).Should().BeInRange(7000, 7001);
    }

    [Theory]
    [InlineData(1000, 1, 0.6)]
    [InlineData(1000, 1_000_000, 2)]
    public void Ratio_is_kept_within_what_tokenizers_do(int estimated, int counted, double ratio)
    {
        Observed(50, estimated, counted).Ratio.Should().Be(ratio);
    }

    [Theory]
    [InlineData(TokenCalibration.LeastEstimate - 1, 500)]
    [InlineData(1000, 0)]
    [InlineData(1000, -5)]
    public void Short_prompts_and_missing_counts_teach_nothing(int estimated, int counted)
    {
        Observed(50, estimated, counted).Ratio.Should().Be(1);
    }

    [Fact]
    public void Dense_prompts_outweigh_light_ones_and_old_ones_are_forgotten()
    {
        var calibration = Observed(10, 1000, 700);
        for (var i = 0; i < 3; i++)
        {
            calibration.Observe(1000, 1300);
        }

        calibration.Ratio.Should().BeApproximately(1.3, 1e-9);
        for (var i = 0; i < 64; i++)
        {
            calibration.Observe(1000, 800);
        }

        calibration.Ratio.Should().BeApproximately(0.8, 1e-9);
    }

    private static TokenCalibration Observed(int times, int estimated, int counted)
    {
        var calibration = new TokenCalibration();
        for (var i = 0; i < times; i++)
        {
            calibration.Observe(estimated, counted);
        }

        return calibration;
    }
}

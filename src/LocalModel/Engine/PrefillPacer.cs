namespace AgentKit.Models.Engine;

/// <summary>
/// Says how many prompt tokens a step may take while others generate: a long prompt must not make their text stop for seconds. Measures what
/// a token of a prompt costs on this machine and lets a step take about a tenth of a second for them.
/// </summary>
internal sealed class PrefillPacer
{
    private const double SecondsPerStep = 0.1;
    private const double Smoothing = 0.25;

    /// <summary>Fewer tokens would read the weights too often for what they bring, and attention takes them in tiles from this many on.</summary>
    private const int Fewest = 64;

    private double _secondsPerToken;

    /// <summary>Most prompt tokens for the next step while others generate.</summary>
    public int Limit => _secondsPerToken == 0 ? Fewest : (int)Math.Clamp(SecondsPerStep / _secondsPerToken, Fewest, int.MaxValue);

    /// <summary>Tells what a step cost.</summary>
    /// <param name="tokens">All tokens of the step.</param>
    /// <param name="elapsed">Its time.</param>
    public void Record(int tokens, TimeSpan elapsed)
    {
        if (tokens < Fewest)
        {
            return;
        }

        double seconds = elapsed.TotalSeconds / tokens;
        _secondsPerToken = _secondsPerToken == 0 ? seconds : _secondsPerToken + (Smoothing * (seconds - _secondsPerToken));
    }
}

namespace AgentKit.Training.Data;

/// <summary>A clock that stands still, so that a template which writes the date writes the same one into every row.</summary>
/// <param name="moment">What it shows, with the offset of its time zone.</param>
internal sealed class StoppedClock(DateTimeOffset moment) : TimeProvider
{
    public override TimeZoneInfo LocalTimeZone { get; } = TimeZoneInfo.CreateCustomTimeZone("stopped", moment.Offset, "stopped", "stopped");

    public override DateTimeOffset GetUtcNow() => moment.ToUniversalTime();
}

namespace AgentKit.Cli.Train;

/// <summary>Numbers of a document by the ranges that settings have.</summary>
internal static class JsonPlaceNumbers
{
    /// <summary>More than any machine has, and exact as a number of JSON.</summary>
    private const double MostBytes = 1L << 52;

    extension(JsonPlace place)
    {
        public int Count(string name, int absent, int least = 1) =>
            place.Field(name).IntegerOr(absent, $"a whole number of {least} or more is expected", value => value >= least);

        public long Bytes(string name, long absent, int least) => (long)place.Field(name).NumberOr(
            absent, $"a whole number of {least} or more is expected", value => value == Math.Floor(value) && value >= least && value <= MostBytes);

        public double Positive(string name, double absent) => place.Field(name).NumberOr(absent, "a number above 0 is expected", value => value > 0);

        public double NotNegative(string name, double absent) => place.Field(name).NumberOr(absent, "a number of 0 or more is expected", value => value >= 0);

        public double Share(string name, double absent) => place.Field(name).NumberOr(absent, "a number from 0 to 1 is expected", value => value is >= 0 and <= 1);

        public double Decay(string name, double absent) => place.Field(name).NumberOr(absent, "a number from 0 up to below 1 is expected", value => value is >= 0 and < 1);
    }
}

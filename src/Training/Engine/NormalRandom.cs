namespace AgentKit.Training.Engine;

/// <summary>Draws from the standard normal distribution (Box and Muller 1958).</summary>
internal static class NormalRandom
{
    extension(Random random)
    {
        public double NextNormal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
    }
}

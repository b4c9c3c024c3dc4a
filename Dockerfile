# One image for every process: the API, each kind of worker, or everything in one (the default).
FROM node:20-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc tsconfig.json tsconfig.build.json ./
COPY src src
COPY workers workers
# The build runs as npm's `prepare`.
RUN npm ci && npm prune --omit=dev --ignore-scripts

FROM node:20-slim
ENV NODE_ENV=production HOST=0.0.0.0 EARSHOT_DATA=/data
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY config config
# The author key and, in the embedded stage, the database live here.
RUN install -d -o node -g node -m 700 /data
VOLUME /data
USER node
EXPOSE 8080
CMD ["node", "dist/workers/all.js"]
